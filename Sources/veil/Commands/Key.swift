import ArgumentParser
import VeilConfig
import VeilCrypto
import VeilEngine
import VeilGround

struct Key: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Makes keys, and tells them apart; never shows one.",
    discussion: """
      EXAMPLES
        veil key new keys/customers.key
        veil key inspect keys/customers.key
        veil key ring rotate keys/customers.ring.yaml
      """,
    subcommands: [New.self, Inspect.self, Ring.self])

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "new",
      abstract: "Makes a key file that only its owner can read.",
      discussion: """
        32 bytes from the system's generator, as text with the prefix 'hex:', mode 0600. A file that is there already
        is never replaced: who loses a key loses every join with tokens made under it.

        EXAMPLES
          veil key new keys/customers.key
          veil key new keys/customers.wrapped --passphrase-env VEIL_PASSPHRASE
        """)

    @Argument(help: "Where the key file goes.", completion: .file())
    var path: String

    @Option(help: "Wraps the file with the passphrase in this environment variable (scrypt, AES-256-GCM).")
    var passphraseEnv: String?

    func run() throws {
      do throws(RunError) { try PassphraseVariable.require(passphraseEnv) } catch { throw Failure(error) }
      do throws(KeyError) {
        let passphrase: SecretBytes? =
          if let passphraseEnv { try KeyLoader.passphrase(.environment(name: passphraseEnv)) } else { nil }
        let key =
          if let passphrase {
            try KeyFile.createWrapped(path: path, passphrase: passphrase)
          } else {
            try KeyFile.create(path: path)
          }
        Terminal.answer("\(path): new key, fingerprint \(key.fingerprint)\n")
      } catch {
        throw Failure(3, "veil: \(KeyShape.hiding("\(error)"))")
      }
    }
  }

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "inspect",
      abstract: "Shows a key file's length and fingerprint, never its bytes.",
      discussion: """
        Manifests name keys by the same fingerprint.

        EXAMPLES
          veil key inspect keys/customers.key
          veil key inspect keys/customers.wrapped --passphrase-env VEIL_PASSPHRASE
        """)

    @Argument(help: "The key file.", completion: .file())
    var path: String

    @Option(help: "The environment variable with the passphrase of a wrapped key file.")
    var passphraseEnv: String?

    func run() throws {
      do throws(RunError) { try PassphraseVariable.require(passphraseEnv) } catch { throw Failure(error) }
      do throws(KeyError) {
        let source: KeySource =
          passphraseEnv.map { .wrapped(path: path, passphrase: .environment(name: $0)) } ?? .file(path: path)
        let key = try KeyLoader.load(source)
        Terminal.answer("\(path): \(key.count) bytes, fingerprint \(key.fingerprint)\n")
      } catch {
        throw Failure(3, "veil: \(KeyShape.hiding("\(error)"))")
      }
    }
  }
}
