@main
struct Veil {
  static func main() {}
}
