import Glibc
import Synchronization
import VeilGround

/// What is said on standard error when a signal ends a run: which signal, which file was being read, and how many
/// records were.
///
/// The texts are made while the run works, because a signal handler may allocate nothing and take no lock; it only puts
/// them together with the time and the figures. Texts are never freed, because a handler may read them at any moment;
/// there is one for each file that is read.
///
/// Sound: a text is complete before its address is stored, and never changes. Only the one thread that ends the process
/// writes into `line`, and never more than `room` bytes.
public enum InterruptionNote {
  /// The form of messages on standard error.
  public enum Form: Sendable {
    /// `veil: ended by …`
    case line
    /// Time, level, run and message, as a log has them.
    case log
    case json
  }

  @unsafe private struct Text {
    let start: UnsafePointer<CChar>
    let beforeStatus: UnsafePointer<CChar>
    let beforeName: UnsafePointer<CChar>
    let beforeFigure: UnsafePointer<CChar>
    let end: UnsafePointer<CChar>
    let hasTime: Bool
  }

  private struct State: ~Copyable, Sendable {
    /// The address of the text that holds now; 0 if there is no run.
    let text = Atomic<UInt>(0)
    let records = Atomic<Int>(0)
    let form = Guarded<(form: Form, run: String)?>(nil)
    let line = Atomic<UInt>(0)
  }

  private static let state = State()
  private static let room = 4096

  /// Begins to keep the note, for a run.
  public static func begin(_ form: Form, run: String) {
    let line = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
    unsafe line.initialize(repeating: 0, count: room)
    state.line.store(UInt(bitPattern: line), ordering: .releasing)
    state.form.withLock { $0 = (form, run) }
    reading(nil)
  }

  /// Notes which file is being read; nil for none.
  static func reading(_ file: String?) {
    guard let (form, run) = state.form.withLock({ $0 }) else { return }
    let place = file.map { " in \(ShownName.plain(String($0.prefix(1000))))" } ?? ""
    let before = "ended by "
    let (middle, after) = ("\(place) after ", " records: nothing was published")
    let parts: [String] =
      switch form {
      case .line: ["veil: \(before)", "", "", middle, after + "\n"]
      case .log: ["", " error run=\(run) status=", " \(before)", middle, after + "\n"]
      case .json:
        [
          "{\"time\":\"", "\",\"level\":\"error\",\"run\":\(JSONValue.quoted(run)),\"status\":",
          ",\"message\":\"\(before)", JSONValue.quoted(middle).dropFirst().dropLast() + "", after + "\"}\n",
        ]
      }
    let copies = unsafe parts.map { unsafe UnsafePointer(strdup($0)!) }
    let text = UnsafeMutablePointer<Text>.allocate(capacity: 1)
    unsafe text.initialize(
      to: Text(
        start: copies[0], beforeStatus: copies[1], beforeName: copies[2], beforeFigure: copies[3], end: copies[4],
        hasTime: form != .line))
    state.text.store(UInt(bitPattern: text), ordering: .releasing)
  }

  /// Notes how many records were read.
  static func counted(_ records: Int) { state.records.store(records, ordering: .relaxed) }

  /// Makes what `write` needs, so that no signal handler is the first to use it.
  static func prepare() { _ = state.records.load(ordering: .relaxed) }

  /// Writes the note. Safe in a signal handler, and called once.
  static func write(_ signal: Int32) {
    guard let text = unsafe UnsafePointer<Text>(bitPattern: state.text.load(ordering: .acquiring)),
      let line = unsafe UnsafeMutablePointer<UInt8>(bitPattern: state.line.load(ordering: .acquiring))
    else { return }
    var note = unsafe Line(bytes: line)
    unsafe note.add(text.pointee.start)
    if unsafe text.pointee.hasTime {
      unsafe note.addTime()
      unsafe note.add(text.pointee.beforeStatus)
      unsafe note.add(Int(128 + signal), digits: 1)
      unsafe note.add(text.pointee.beforeName)
    }
    let name: StaticString = signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : "SIGHUP"
    unsafe note.add(UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
    unsafe note.add(text.pointee.beforeFigure)
    unsafe note.add(state.records.load(ordering: .relaxed), digits: 1)
    unsafe note.add(text.pointee.end)
    _ = unsafe Glibc.write(STDERR_FILENO, line, note.count)
  }

  /// A line that is put together without allocating anything.
  @unsafe private struct Line {
    let bytes: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    init(bytes: UnsafeMutablePointer<UInt8>) { unsafe self.bytes = bytes }

    private mutating func add(_ byte: UInt8) {
      guard unsafe count < room else { return }
      unsafe bytes[count] = byte
      unsafe count += 1
    }

    mutating func add(_ text: UnsafePointer<CChar>) {
      var at = 0
      while unsafe text[at] != 0 {
        unsafe add(UInt8(bitPattern: text[at]))
        at += 1
      }
    }

    mutating func add(_ number: Int, digits: Int) {
      var divisor = 1
      var places = 1
      while places < digits || number / divisor >= 10 {
        divisor *= 10
        places += 1
      }
      while divisor > 0 {
        unsafe add(UInt8(truncatingIfNeeded: 0x30 + number / divisor % 10))
        divisor /= 10
      }
    }

    /// Adds the time in UTC as RFC 3339 has it. (`gmtime` may take locks; the day is that of Hinnant's `civil_from_days`.)
    mutating func addTime() {
      var now = timespec()
      unsafe clock_gettime(CLOCK_REALTIME, &now)
      let (days, second) = (now.tv_sec / 86_400 + 719_468, now.tv_sec % 86_400)
      let era = days / 146_097
      let ofEra = days % 146_097
      let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
      let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
      let shifted = (5 * ofYear + 2) / 153
      let month = shifted < 10 ? shifted + 3 : shifted - 9
      unsafe add(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), digits: 4)
      unsafe add(UInt8(ascii: "-"))
      unsafe add(month, digits: 2)
      unsafe add(UInt8(ascii: "-"))
      unsafe add(ofYear - (153 * shifted + 2) / 5 + 1, digits: 2)
      unsafe add(UInt8(ascii: "T"))
      unsafe add(second / 3600, digits: 2)
      unsafe add(UInt8(ascii: ":"))
      unsafe add(second / 60 % 60, digits: 2)
      unsafe add(UInt8(ascii: ":"))
      unsafe add(second % 60, digits: 2)
      unsafe add(UInt8(ascii: "."))
      unsafe add(now.tv_nsec / 1_000_000, digits: 3)
      unsafe add(UInt8(ascii: "Z"))
    }
  }
}
