@testable import Archives
