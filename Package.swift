// swift-tools-version: 6.2
import Foundation
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

// ISA-L unpacks gzip two to three times as fast as zlib; it is used where it is installed, unless VEIL_NO_ISAL is set.
let hasISAL =
  FileManager.default.fileExists(atPath: "/usr/include/isa-l.h") && Context.environment["VEIL_NO_ISAL"] == nil
let isalTargets: [Target] =
  hasISAL ? [.systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])])] : []
let isalDependencies: [Target.Dependency] = hasISAL ? ["CISAL"] : []
let isalSettings: [SwiftSetting] = hasISAL ? [.define("VEIL_ISAL")] : []

// Swift's runtime needs some of the C++ library. Where that can be had statically, a release is linked with it: the shared
// one costs each run a millisecond (scripts/link).
let hasStaticCXX =
  FileManager.default.subpaths(atPath: "/usr/lib/gcc")?.contains { $0.hasSuffix("/libstdc++.a") } ?? false
let linking: [LinkerSetting] =
  hasStaticCXX
  ? [.unsafeFlags(["-L", "\(Context.packageDirectory)/scripts/link"], .when(configuration: .release))] : []

// What ships has all names bound when it is loaded, and its table of them is read-only from then on; indirect jumps in C
// lead to marked places alone, where the processor watches that.
let hardening: [LinkerSetting] = [.unsafeFlags(["-Xlinker", "-z", "-Xlinker", "now"], .when(configuration: .release))]
#if arch(x86_64)
  let marked: [CSetting] = [.unsafeFlags(["-fcf-protection=full"], .when(configuration: .release))]
#else
  let marked: [CSetting] = []
#endif

let testTargets: [Target] = [
  .testTarget(
    name: "VeilCryptoTests", dependencies: ["VeilCrypto", "CMultiBuffer"], exclude: ["Vectors"],
    swiftSettings: testSettings),
  .testTarget(
    name: "VeilConfigTests", dependencies: ["VeilConfig"], exclude: ["Golden"], swiftSettings: testSettings),
  .testTarget(
    name: "VeilEngineTests",
    dependencies: ["VeilEngine", "VeilAnonymity", "VeilGround", "VeilConfig", "VeilCrypto", "CScan"],
    swiftSettings: testSettings),
  .testTarget(
    name: "GoldenTests", dependencies: ["veil", .product(name: "ArgumentParser", package: "swift-argument-parser")],
    exclude: ["Support/Scripts"], swiftSettings: testSettings),
]

// The fuzzer is a program of its own, made of the tests' parts, and built with all else under sanitizers: `make fuzz`.
let isFuzzing = Context.environment["VEIL_FUZZ"] != nil
let fuzzTargets: [Target] = [
  .executableTarget(
    name: "veil-fuzz",
    dependencies: ["VeilEngine", "VeilAnonymity", "VeilGround", "VeilConfig", "VeilCrypto", "CScan"],
    path: "Tests/VeilEngineTests",
    sources: [
      "Fuzzing/FuzzTarget.swift", "Fuzzing/LibFuzzer.swift", "Decoding/CSV/CSVRig.swift",
      "Decoding/JSON/JSONRig.swift", "Input/IOSupport.swift",
    ],
    swiftSettings: testSettings + [.define("VEIL_FUZZ")])
]

let package = Package(
  name: "veil",
  products: [.executable(name: "veil", targets: ["veil"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
  ],
  targets: isalTargets + [
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(name: "CScan", cSettings: marked),
    .target(name: "CLinux", cSettings: marked),
    .target(name: "CMultiBuffer", cSettings: marked),
    .target(name: "VeilCrypto", dependencies: ["COpenSSL", "CMultiBuffer"], swiftSettings: settings),
    .target(name: "VeilConfig", dependencies: ["CYAML"], swiftSettings: settings),
    .target(name: "VeilGround", dependencies: ["VeilConfig", "CLinux"], swiftSettings: settings),
    .target(name: "VeilAnonymity", dependencies: ["VeilGround", "VeilConfig", "CLinux"], swiftSettings: settings),
    .target(
      name: "VeilEngine",
      dependencies: [
        "VeilGround", "VeilAnonymity", "VeilConfig", "VeilCrypto", "CScan", "CLinux", "CZlib", "CZstd",
      ] + isalDependencies,
      exclude: ["README.md"], swiftSettings: settings + isalSettings),
    .executableTarget(
      name: "veil",
      dependencies: [
        "VeilEngine", "VeilGround", "VeilConfig", "VeilCrypto",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings, linkerSettings: linking + hardening),
  ] + (isFuzzing ? fuzzTargets : testTargets)
)
