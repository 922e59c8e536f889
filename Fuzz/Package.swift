// swift-tools-version: 6.2

import PackageDescription

/// The rules of the package that is fuzzed.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// The modules whose decoders and state machines are fuzzed.
let modules = [
    "Cryptography", "CompactEncoding", "Merkle", "SecretStream", "Multiplexing", "Feeds",
    "Archives", "Replication", "Multiwriter", "DriveNetworking",
]

// A package of its own, so that nobody who depends on mdrive gets what only fuzzing needs.
// Build it with `make fuzz`, whose flags give every module coverage and open its internals.
let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "mdrive", path: "..")],
    targets: [
        .executableTarget(
            name: "FuzzTargets",
            dependencies: modules.map { .product(name: $0, package: "mdrive") },
            path: "FuzzTargets",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])])
    ]
)
