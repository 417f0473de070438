import Glibc
import VeilGround

extension Descriptor {
  /// The value of Linux's macro `O_TMPFILE`, which Swift cannot import. It opens a file without a name in a folder.
  static let unnamedFile: Int32 = 0o20_000_000 | O_DIRECTORY

  /// The errors of file systems and kernels that do not support such files.
  static let cannotDoUnnamedFiles: Set<Int32> = [EOPNOTSUPP, EISDIR, EINVAL, ENOSYS]
}

enum RandomName {
  /// Returns 16 random hex digits. Files with such names are made with `O_EXCL`, so guessing a name gives an attacker
  /// nothing.
  static func hex() -> String {
    let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
