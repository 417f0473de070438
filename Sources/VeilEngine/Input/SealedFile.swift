import Glibc
import VeilCrypto
import VeilGround

/// A temporary file of sealed blocks. It has no name, nobody else may open it, and its key exists only in this process, so
/// nobody can read it after the process has ended, however it ended.
///
/// Sound: callers give room that was reserved to the length of a sealed block, and for a block's contents.
@safe
final class SealedFile {
  private let folder: String
  private let descriptor: Descriptor
  private let cipher = SpoolCipher()

  /// The number of bytes that a sealed block has besides its contents.
  static let overhead = SpoolCipher.overhead

  /// Makes a file in `folder`; without one, in `$TMPDIR`, or else in `/tmp`.
  init(folder: String? = nil) throws(InputError) {
    self.folder = folder ?? Self.standardFolder
    do throws(SystemError) {
      descriptor = try Descriptor.temporary(in: self.folder)
    } catch {
      throw InputError("cannot make a temporary file in \(self.folder): \(error)")
    }
  }

  private static var standardFolder: String {
    guard let path = unsafe getenv("TMPDIR"), unsafe path.pointee != 0 else { return "/tmp" }
    return unsafe String(cString: path)
  }

  /// Seals `contents` as block `number` and writes it behind the blocks before. Returns the bytes that it takes.
  /// - Parameter sealed: has room for the sealed block.
  @discardableResult
  func append(
    _ contents: borrowing ByteBuffer, as number: Int, through sealed: borrowing ByteBuffer
  ) throws(InputError) -> Int {
    let plaintext = unsafe UnsafeRawBufferPointer(start: contents.start, count: contents.count)
    let room = unsafe UnsafeMutableRawBufferPointer(start: sealed.start, count: sealed.capacity)
    let count: Int
    do throws(CryptoError) {
      count = unsafe try cipher.encrypt(block: UInt64(number), plaintext, into: room)
    } catch {
      throw InputError("cannot encrypt the temporary file in \(folder): \(error)")
    }
    do throws(SystemError) {
      unsafe try descriptor.write(UnsafeRawBufferPointer(rebasing: room[..<count]))
    } catch {
      throw InputError("cannot write the temporary file in \(folder): \(error)")
    }
    return count
  }

  /// Appends the `count` bytes of block `number`, which begins at `offset`, to `contents`.
  /// - Parameter sealed: has room for the sealed block.
  func read(
    _ number: Int, at offset: Int, count: Int, into contents: inout ByteBuffer, through sealed: borrowing ByteBuffer
  ) throws(InputError) {
    precondition(sealed.capacity >= count + Self.overhead)
    contents.reserve(count)
    let place = unsafe UnsafeMutableRawBufferPointer(start: sealed.start, count: count + Self.overhead)
    let room = unsafe UnsafeMutableRawBufferPointer(start: contents.end, count: count)
    do throws(SystemError) {
      let found = unsafe try descriptor.read(into: place, at: offset)
      if found < place.count { throw SystemError(EIO) }
    } catch {
      throw InputError("cannot read the temporary file in \(folder): \(error)")
    }
    do throws(CryptoError) {
      contents.advance(
        by: unsafe try cipher.decrypt(block: UInt64(number), UnsafeRawBufferPointer(place), into: room))
    } catch {
      throw InputError("cannot read the temporary file in \(folder): \(error)")
    }
  }
}

extension ByteBuffer {
  /// Overwrites the contents of the buffer, so that freed memory holds none of them.
  mutating func wipe() {
    if capacity > 0 { unsafe explicit_bzero(start, capacity) }
    removeAll()
  }
}

extension Descriptor {
  /// Makes a file for this process alone in `folder`, without a name, and readable and writable only by its owner.
  fileprivate static func temporary(in folder: String) throws(SystemError) -> Descriptor {
    do throws(SystemError) {
      // O_EXCL means that the file can never be given a name.
      return try open(folder, flags: unnamedFile | O_EXCL | O_RDWR, mode: 0o600)
    } catch {
      guard cannotDoUnnamedFiles.contains(error.code) else { throw error }
    }
    let path = "\(folder)/.veil-\(RandomName.hex()).tmp"
    let file = try open(path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    guard unsafe unlink(path) == 0 else { throw SystemError(errno) }
    return file
  }
}
