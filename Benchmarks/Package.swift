// swift-tools-version: 6.2

import PackageDescription

/// The rules of the package that is measured.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Every module, and what its benchmarks need besides.
let modules: [(name: String, needs: [String])] = [
    ("Cryptography", []),
    ("CompactEncoding", ["Cryptography"]),
    ("LMDB", []),
    ("Merkle", ["Cryptography"]),
    ("SecretStream", ["Cryptography"]),
    ("Multiplexing", []),
    ("Feeds", ["Merkle", "Cryptography"]),
    ("Archives", ["Feeds", "Cryptography"]),
    ("Replication", ["Feeds", "Multiplexing", "Cryptography"]),
    ("Multiwriter", ["Cryptography"]),
    ("DriveNetworking", ["Multiwriter"]),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// What turns an executable into benchmarks.
let benchmark = Target.Dependency.product(name: "Benchmark", package: "benchmark")
let plugin = Target.PluginUsage.plugin(name: "BenchmarkPlugin", package: "benchmark")

// A package of its own, so that nobody who depends on mdrive gets what only benchmarks need.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "mdrive", path: ".."),
        // Its traits intercept allocations, which reads zero here and slows everything down.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        // What is measured on: folders, files, random bytes.
        .target(name: "BenchmarkWork", path: "Work", swiftSettings: settings),
        // Whole processes against other programs; `make compare` and `make growth` run it.
        .executableTarget(
            name: "Compare",
            dependencies: ["BenchmarkWork", .product(name: "Multiwriter", package: "mdrive")],
            path: "Compare", swiftSettings: settings),
        .target(
            name: "BenchmarkSupport",
            dependencies: [benchmark], path: "Support", swiftSettings: settings),
        // Runs the program itself, which `make release` builds.
        .executableTarget(
            name: "mdriveBenchmarks",
            dependencies: ["BenchmarkSupport", "BenchmarkWork", benchmark],
            path: "mdriveBenchmarks", swiftSettings: settings, plugins: [plugin]),
    ]
        + modules.map { module in
            .executableTarget(
                name: module.name + "Benchmarks",
                dependencies: ["BenchmarkSupport", "BenchmarkWork", benchmark]
                    + (module.name == "DriveNetworking" ? [logging] : [])
                    + ([module.name] + module.needs).map { .product(name: $0, package: "mdrive") },
                path: module.name + "Benchmarks", swiftSettings: settings,
                plugins: [plugin])
        }
)
