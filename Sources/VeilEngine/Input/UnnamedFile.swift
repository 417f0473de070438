import Glibc
import VeilGround

extension Descriptor {
  /// Linux's `O_TMPFILE`, a macro that Swift does not see: a file without a name in the folder that is opened.
  static let unnamedFile: Int32 = 0o20_000_000 | O_DIRECTORY

  /// What file systems and kernels say that have no such files.
  static let cannotDoUnnamedFiles: Set<Int32> = [EOPNOTSUPP, EISDIR, EINVAL, ENOSYS]
}

enum RandomName {
  /// 16 random hex digits. Files with such names are made with `O_EXCL`, so that a guessed name gains nothing.
  static func hex() -> String {
    let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
