// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

// Tests reach into buffers and C calls freely; what ships does not.
let testSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
  name: "veil",
  products: [.executable(name: "veil", targets: ["veil"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(name: "CByteMask"),
    .target(name: "VeilCrypto", dependencies: ["COpenSSL"], swiftSettings: settings),
    .target(name: "VeilConfig", dependencies: ["CYAML"], swiftSettings: settings),
    .target(
      name: "VeilEngine",
      dependencies: ["VeilConfig", "VeilCrypto", "CByteMask", "CZlib", "CZstd"],
      swiftSettings: settings),
    .executableTarget(
      name: "veil",
      dependencies: [
        "VeilEngine", "VeilConfig", "VeilCrypto",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "VeilCryptoTests", dependencies: ["VeilCrypto"], exclude: ["Vectors"], swiftSettings: testSettings),
    .testTarget(
      name: "VeilConfigTests", dependencies: ["VeilConfig"], exclude: ["Golden"], swiftSettings: testSettings),
    .testTarget(name: "VeilEngineTests", dependencies: ["VeilEngine", "CByteMask"], swiftSettings: testSettings),
    .testTarget(name: "GoldenTests", dependencies: ["veil"], swiftSettings: testSettings),
  ]
)
