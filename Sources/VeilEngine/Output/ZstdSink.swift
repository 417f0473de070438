import CZstd
import VeilGround

/// Writes Zstandard (RFC 8878) as one frame with a checksum.
typealias ZstdSink = PackingSink<ZstdPacker>

extension PackingSink where Packer == ZstdPacker {
  /// - Parameters:
  ///   - level: from 1, the fastest, to 19, the smallest result.
  ///   - threadCount: the number of threads that pack, 1 or more; the bytes do not depend on it.
  convenience init(_ next: any ByteSink, level: Int32 = 3, threadCount: Int = PackingThreads.count) {
    self.init(ZstdPacker(level: level, threadCount: threadCount), into: next)
  }
}

/// Packs with zstd's own threads: they pack jobs of 1 MiB in parallel, each with the end of the job before it as a
/// dictionary. If the library was built without threads, the calling thread packs everything.
///
/// Sound: `context` is made in `init` and freed in `deinit`. It gets only ranges that are alive and that have the
/// stated length.
@safe
final class ZstdPacker: BlockPacker {
  private let context: OpaquePointer
  private var packed = ByteBuffer()
  private let roomBytes = ZSTD_CStreamOutSize()

  private static let jobBytes: Int32 = 1 << 20

  init(level: Int32, threadCount: Int) {
    precondition((1...19).contains(level), "zstd has levels 1 to 19")
    precondition(threadCount >= 1)
    packed.reserve(roomBytes)
    guard let context = unsafe ZSTD_createCCtx() else { fatalError("zstd could not be set up: out of memory") }
    unsafe self.context = context
    let first = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    let second = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    precondition(ZSTD_isError(first) == 0 && ZSTD_isError(second) == 0, "zstd refused its settings")
    // Even a single thread must be one of zstd's own threads: without any, the jobs would be cut differently.
    let third = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_nbWorkers, Int32(clamping: threadCount))
    if ZSTD_isError(third) != 0 { return }
    let fourth = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_jobSize, Self.jobBytes)
    precondition(ZSTD_isError(fourth) == 0, "zstd refused its settings")
  }

  deinit {
    unsafe ZSTD_freeCCtx(context)
  }

  func pack(_ block: UnsafeRawBufferPointer, isLast: Bool, into next: any ByteSink) throws(OutputError) {
    var from = unsafe ZSTD_inBuffer(src: block.baseAddress, size: block.count, pos: 0)
    var isDone = false
    while !isDone {
      var to = unsafe ZSTD_outBuffer(dst: packed.start, size: roomBytes, pos: 0)
      let left = unsafe ZSTD_compressStream2(context, &to, &from, isLast ? ZSTD_e_end : ZSTD_e_continue)
      if ZSTD_isError(left) != 0 {
        throw OutputError("cannot pack the output: zstd says: \(unsafe String(cString: ZSTD_getErrorName(left)))")
      }
      let made = unsafe to.pos
      if made > 0 { unsafe try next.write(UnsafeRawBufferPointer(start: packed.start, count: made)) }
      isDone = unsafe isLast ? left == 0 : from.pos == from.size
    }
  }
}
