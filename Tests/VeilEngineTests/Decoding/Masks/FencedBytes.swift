import Glibc

/// Memory whose first and last byte stand next to pages that nobody may touch, so that a read outside of it ends the
/// process.
final class FencedBytes {
  private let map: UnsafeMutableRawPointer
  private let page = Int(sysconf(Int32(_SC_PAGESIZE)))
  private let room: Int

  init(room: Int) {
    self.room = (room + page - 1) / page * page
    map = mmap(nil, self.room + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(map != MAP_FAILED)
    mprotect(map, page, PROT_NONE)
    mprotect(map + page + self.room, page, PROT_NONE)
  }

  deinit { munmap(map, room + 2 * page) }

  /// The bytes, up against the fence behind them.
  func before(fence bytes: [UInt8]) -> UnsafePointer<UInt8> { place(bytes, at: page + room - bytes.count) }

  /// The bytes, up against the fence in front of them.
  func behind(fence bytes: [UInt8]) -> UnsafePointer<UInt8> { place(bytes, at: page) }

  private func place(_ bytes: [UInt8], at offset: Int) -> UnsafePointer<UInt8> {
    let start = (map + offset).assumingMemoryBound(to: UInt8.self)
    for (index, byte) in bytes.enumerated() { start[index] = byte }
    return UnsafePointer(start)
  }
}
