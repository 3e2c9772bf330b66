#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"

namespace store {

/// Checks the authentication code of each page by itself. SQLCipher gives up at the first page that does not pass; this names them all, and those too
/// that no table or index uses any more.
/// source: the file format of SQLCipher 3: 4096-byte pages, each ending in 16 bytes of initialisation vector, 20 of HMAC-SHA1 over what is encrypted, the
/// vector and the page's number (4 bytes, least significant first), and 12 random bytes that nothing reads; the first page begins with 16 bytes of salt
/// in clear, and the key of the HMAC is PBKDF2-HMAC-SHA1 of the page key over that salt, each byte XOR 3A, in 2 rounds
class PageCheck {
public:
    static constexpr std::size_t kPageBytes = 4096;
    static constexpr std::size_t kSaltBytes = 16;
    /// How many bytes at the end of a page nothing reads.
    static constexpr std::size_t kFilling = 12;

    /// in: raw_key 32 bytes; salt the first kSaltBytes bytes of the file
    PageCheck(const base::Secret& raw_key, base::ByteView salt);
    /// Precondition: kPageBytes bytes; number from 1 on. A page of zeros holds: it was never written.
    bool holds(std::uint32_t number, base::ByteView page) const;

private:
    base::Secret key_;
};

/// What is wrong with the pages of a file.
struct PageReport {
    std::uint64_t pages = 0;
    std::vector<std::uint32_t> damaged;  ///< numbers, from 1 on; the first kMostDamaged
    std::uint64_t damaged_count = 0;
    std::uint64_t left_over = 0;         ///< bytes behind the last whole page
};
inline constexpr std::size_t kMostDamaged = 1000;

/// Reads raw bytes of the file.
using RawRead = std::function<base::Status(std::span<std::uint8_t> out, std::uint64_t offset)>;
/// Checks every page. A page that does not pass is read again after a moment, for it may just have been written. `tell` is told pages done and pages in
/// all, and stops it by answering false.
/// errors: cancelled, those of `read`
base::Result<PageReport> check_pages(const base::Secret& raw_key, std::uint64_t size, const RawRead& read, const std::function<bool(std::uint64_t, std::uint64_t)>& tell);

}  // namespace store
