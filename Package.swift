// swift-tools-version: 6.2

import PackageDescription

/// One set of rules for every Swift target.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// The modules from the bottom up.
///
/// An arrow points down, and only along this table;
/// `Tests/TidyTests` compares it with the `import` lines.
let arrows: [(module: String, imports: [String])] = [
    ("Cryptography", ["CSodium"]),
    ("CompactEncoding", []),
    ("LMDB", ["CLMDB"]),
    ("Deflate", ["CZlib"]),
    ("Merkle", ["Cryptography", "CompactEncoding"]),
    ("SecretStream", ["Cryptography", "CompactEncoding"]),
    ("Multiplexing", ["CompactEncoding", "Cryptography"]),
    ("Feeds", ["Merkle", "LMDB", "Cryptography", "CompactEncoding"]),
    ("Archives", ["Feeds", "Merkle", "Cryptography", "CompactEncoding"]),
    (
        "Replication",
        ["Feeds", "Merkle", "Multiplexing", "Deflate", "Cryptography", "CompactEncoding"]
    ),
    (
        "Multiwriter",
        [
            "Archives", "Replication", "Feeds", "Merkle", "Multiplexing", "SecretStream", "LMDB",
            "Cryptography", "CompactEncoding",
        ]
    ),
]

/// Modules that only wrappers import.
let systemLibraries = ["CSodium", "CLMDB", "CZlib"]

let package = Package(
    name: "mdrive",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: arrows.map { .library(name: $0.module, targets: [$0.module]) } + [
        .library(name: "DriveNetworking", targets: ["DriveNetworking"]),
        .executable(name: "mdrive", targets: ["mdrive"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CSodium", pkgConfig: "libsodium",
            providers: [.apt(["libsodium-dev"]), .brew(["libsodium"])]),
        .systemLibrary(
            name: "CLMDB", pkgConfig: "lmdb",
            providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    ]
        + arrows.map { arrow in
            .target(
                name: arrow.module,
                dependencies: arrow.imports.map { .target(name: $0) },
                swiftSettings: settings)
        }
        + [
            .target(
                name: "DriveNetworking",
                dependencies: [
                    "Multiwriter", "SecretStream", "Cryptography",
                    .product(name: "Logging", package: "swift-log"),
                    .product(name: "NIOCore", package: "swift-nio"),
                    .product(name: "NIOPosix", package: "swift-nio"),
                ],
                swiftSettings: settings),
            .executableTarget(
                name: "mdrive",
                dependencies: [
                    "Multiwriter", "DriveNetworking", "Archives", "Feeds", "Merkle", "Cryptography",
                    .product(name: "ArgumentParser", package: "swift-argument-parser"),
                    .product(name: "Logging", package: "swift-log"),
                ],
                swiftSettings: settings),
            .target(
                name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
            // Counts allocations and system calls of whatever it is linked with.
            .target(name: "Counting", path: "Tests/Counting"),
            // Fails where fixed work costs more than was recorded; `make guard` runs it.
            .executableTarget(
                name: "Guard",
                dependencies: [
                    "Counting", "Multiwriter", "Replication", "Multiplexing", "Feeds", "Merkle",
                    "LMDB", "Cryptography",
                ],
                path: "Tests/Guard", exclude: ["bounds.tsv"], swiftSettings: settings),
            .testTarget(
                name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: settings),
            .testTarget(
                name: "DriveNetworkingTests",
                dependencies: ["DriveNetworking", "Multiwriter", "TestSupport"],
                swiftSettings: settings),
            .testTarget(
                name: "mdriveTests", dependencies: ["mdrive", "TestSupport"],
                swiftSettings: settings),
        ]
        + arrows.map { arrow in
            .testTarget(
                name: arrow.module + "Tests",
                dependencies: [.target(name: arrow.module), "TestSupport"]
                    + arrow.imports.filter { !systemLibraries.contains($0) }
                    .map { .target(name: $0) },
                swiftSettings: settings)
        }
        + arrows.map { arrow in
            .executableTarget(
                name: arrow.module + "Example",
                dependencies: [.target(name: arrow.module)]
                    + arrow.imports.filter { !systemLibraries.contains($0) }
                    .map { .target(name: $0) },
                path: "Examples/" + arrow.module, swiftSettings: settings)
        }
        + [
            .executableTarget(
                name: "DriveNetworkingExample",
                dependencies: [
                    "DriveNetworking", "Multiwriter",
                    .product(name: "Logging", package: "swift-log"),
                ],
                path: "Examples/DriveNetworking", swiftSettings: settings)
        ]
)
