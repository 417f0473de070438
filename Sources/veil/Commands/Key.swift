import ArgumentParser
import VeilCrypto

struct Key: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes keys, and tells them apart; never shows one.",
    discussion: """
      EXAMPLES
        veil key new keys/customers.key
        veil key inspect keys/customers.key
      """,
    subcommands: [New.self, Inspect.self])

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes a key file that only its owner can read.",
      discussion: """
        32 bytes from the system's generator, as text with the prefix 'hex:', mode 0600. A file that is there already
        is never replaced: who loses a key loses every join with tokens made under it.

        EXAMPLE
          veil key new keys/customers.key
        """)

    @Argument(help: "Where the key file goes.", completion: .file())
    var path: String

    func run() throws {
      do throws(KeyError) {
        let key = try KeyFile.create(path: path)
        Terminal.answer("\(path): new key, fingerprint \(key.fingerprint)\n")
      } catch {
        throw Failure(3, "veil: \(error)")
      }
    }
  }

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows a key file's length and fingerprint, never its bytes.",
      discussion: """
        Manifests name keys by the same fingerprint.

        EXAMPLE
          veil key inspect keys/customers.key
        """)

    @Argument(help: "The key file.", completion: .file())
    var path: String

    func run() throws {
      do throws(KeyError) {
        let key = try KeyLoader.load(.file(path: path))
        Terminal.answer("\(path): \(key.count) bytes, fingerprint \(key.fingerprint)\n")
      } catch {
        throw Failure(3, "veil: \(error)")
      }
    }
  }
}
