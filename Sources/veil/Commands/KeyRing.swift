import ArgumentParser
import VeilEngine
import VeilGround

extension Key {
  struct Ring: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ring",
      abstract: "Makes and changes key rings: several keys, one of which makes new tokens.",
      discussion: """
        EXAMPLES
          veil key ring new keys/customers.ring.yaml
          veil key ring rotate keys/customers.ring.yaml --not-after 2027-12-31
          veil key ring retire keys/customers.ring.yaml k1
          veil key ring inspect keys/customers.ring.yaml
        """,
      subcommands: [New.self, Rotate.self, Retire.self, Inspect.self])

    struct New: ParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Makes a ring with one key.",
        discussion: """
          The key's file stands beside the ring, mode 0600. A pipeline names the ring: keys: {customers: {ring: PATH}}.

          EXAMPLES
            veil key ring new keys/customers.ring.yaml
            veil key ring new keys/customers.ring.yaml --passphrase-env VEIL_PASSPHRASE
          """)

      @Argument(help: "Where the ring's file goes.", completion: .file(extensions: ["yaml", "yml"]))
      var path: String

      @Option(help: "Wraps the key's file with the passphrase in this environment variable.")
      var passphraseEnv: String?

      @Option(help: "The last day on which the key makes tokens, YYYY-MM-DD.")
      var notAfter: String?

      func validate() throws { try Ring.checkDay(notAfter) }

      func run() throws {
        do throws(RunError) {
          let made = try KeyRingFile.create(
            path, passphrase: passphraseEnv, notAfter: notAfter.flatMap { CalendarDate($0) })
          Terminal.answer("\(path): new ring, \(made.id) is active, \(Ring.told(made))\n")
        } catch {
          throw Failure(error)
        }
      }
    }

    struct Rotate: ParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Adds a key and makes it the active one; the one before is accepted from then on.",
        discussion: """
          Tokens made from now on are others than before: give recipients a crosswalk (option 'crosswalk' of
          'pseudonym'), then retire the old key.

          EXAMPLE
            veil key ring rotate keys/customers.ring.yaml
          """)

      @Argument(help: "The ring's file.", completion: .file(extensions: ["yaml", "yml"]))
      var path: String

      @Option(help: "The last day on which the new key makes tokens, YYYY-MM-DD.")
      var notAfter: String?

      func validate() throws { try Ring.checkDay(notAfter) }

      func run() throws {
        do throws(RunError) {
          let made = try KeyRingFile.rotate(path, notAfter: notAfter.flatMap { CalendarDate($0) })
          Terminal.answer("\(path): \(made.id) is active, \(Ring.told(made))\n")
        } catch {
          throw Failure(error)
        }
      }
    }

    struct Retire: ParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Takes a key out of use: it neither makes nor reads tokens. Its file stays.",
        discussion: """
          EXAMPLE
            veil key ring retire keys/customers.ring.yaml k1
          """)

      @Argument(help: "The ring's file.", completion: .file(extensions: ["yaml", "yml"]))
      var path: String

      @Argument(help: "The key's id.")
      var id: String

      func run() throws {
        do throws(RunError) {
          try KeyRingFile.retire(path, id: id)
          Terminal.answer("\(path): \(id) is retired\n")
        } catch {
          throw Failure(error)
        }
      }
    }

    struct Inspect: ParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows a ring's keys, their states and fingerprints, never their bytes.",
        discussion: """
          EXAMPLE
            veil key ring inspect keys/customers.ring.yaml
          """)

      @Argument(help: "The ring's file.", completion: .file(extensions: ["yaml", "yml"]))
      var path: String

      func run() throws {
        do throws(RunError) {
          Terminal.answer(try KeyRingReport(path).text)
        } catch {
          throw Failure(error)
        }
      }
    }

    static func told(_ made: KeyRingFile.Made) -> String {
      "fingerprint \(made.fingerprint)" + (made.wasThere ? " (its file was there already)" : "")
    }

    static func checkDay(_ text: String?) throws {
      if let text, CalendarDate(text) == nil { throw ValidationError("--not-after takes a day as YYYY-MM-DD") }
    }
  }
}
