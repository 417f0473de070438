import Glibc
internal import VeilConfig

extension Descriptor {
  /// Opens a regular file for reading; anything else is refused unopened, with `EINVAL`.
  package static func regular(
    _ path: String, in folder: Descriptor? = nil, followsLinks: Bool = true
  ) throws(SystemError) -> Descriptor {
    do throws(RegularFile.Problem) {
      let number = try RegularFile.open(path, in: folder?.number ?? AT_FDCWD, followsLinks: followsLinks)
      return Descriptor(number)
    } catch {
      switch error {
      case .system(let code): throw SystemError(code)
      case .other: throw SystemError(EINVAL)
      }
    }
  }
}
