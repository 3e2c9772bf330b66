#include "store/page_check.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

namespace store {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kVectorBytes = 16;
constexpr std::size_t kCodeBytes = 20;
constexpr std::size_t kCodeAt = PageCheck::kPageBytes - PageCheck::kFilling - kCodeBytes;
static_assert(kCodeAt % kVectorBytes == 0, "what is encrypted is whole AES blocks, and the vector is one");
constexpr int kRounds = 2;
constexpr std::uint8_t kSaltMask = 0x3a;
constexpr int kTries = 3;
constexpr std::chrono::milliseconds kMoment{20};
constexpr std::uint64_t kPagesAtOnce = 256;

}  // namespace

PageCheck::PageCheck(const base::Secret& raw_key, base::ByteView salt) : key_(kKeyBytes) {
    std::array<std::uint8_t, kSaltBytes> masked{};
    for (std::size_t i = 0; i < kSaltBytes; ++i) masked[i] = salt[i] ^ kSaltMask;
    raw_key.reveal([&](base::ByteView raw) {
        key_.fill([&](std::span<std::uint8_t> out) {
            if (PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(raw.data()), static_cast<int>(raw.size()), masked.data(), static_cast<int>(masked.size()), kRounds, EVP_sha1(),
                                  static_cast<int>(out.size()), out.data()) != 1)
                throw std::bad_alloc();
        });
    });
}

bool PageCheck::holds(std::uint32_t number, base::ByteView page) const {
    if (std::ranges::all_of(page, [](std::uint8_t b) { return b == 0; })) return true;
    const std::size_t from = number == 1 ? kSaltBytes : 0;
    std::array<std::uint8_t, kPageBytes + 4> over;
    const auto end = std::copy(page.begin() + static_cast<std::ptrdiff_t>(from), page.begin() + kCodeAt, over.begin());
    for (std::size_t i = 0; i < 4; ++i) end[static_cast<std::ptrdiff_t>(i)] = static_cast<std::uint8_t>(number >> (8 * i));
    std::array<std::uint8_t, kCodeBytes> code{};
    unsigned size = 0;
    key_.reveal([&](base::ByteView key) {
        if (HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), over.data(), static_cast<std::size_t>(end - over.begin()) + 4, code.data(), &size) == nullptr) throw std::bad_alloc();
    });
    return std::ranges::equal(code, page.subspan(kCodeAt, kCodeBytes));
}

base::Result<PageReport> check_pages(const base::Secret& raw_key, std::uint64_t size, const RawRead& read, const std::function<bool(std::uint64_t, std::uint64_t)>& tell) {
    PageReport out;
    out.pages = size / PageCheck::kPageBytes;
    out.left_over = size % PageCheck::kPageBytes;
    if (out.pages == 0) return out;
    base::Bytes buffer(kPagesAtOnce * PageCheck::kPageBytes);
    KMP_CHECK(read(std::span(buffer).first(PageCheck::kSaltBytes), 0));
    const PageCheck check(raw_key, base::ByteView(buffer).first(PageCheck::kSaltBytes));
    for (std::uint64_t done = 0; done < out.pages;) {
        const std::uint64_t now = std::min(kPagesAtOnce, out.pages - done);
        KMP_CHECK(read(std::span(buffer).first(static_cast<std::size_t>(now) * PageCheck::kPageBytes), done * PageCheck::kPageBytes));
        for (std::uint64_t i = 0; i < now; ++i) {
            const auto page = std::span(buffer).subspan(static_cast<std::size_t>(i) * PageCheck::kPageBytes, PageCheck::kPageBytes);
            const auto number = static_cast<std::uint32_t>(done + i + 1);
            bool holds = check.holds(number, page);
            for (int again = 1; !holds && again < kTries && out.damaged_count < kMostDamaged; ++again) {
                std::this_thread::sleep_for(kMoment);
                KMP_CHECK(read(page, (done + i) * PageCheck::kPageBytes));
                holds = check.holds(number, page);
            }
            if (holds) continue;
            ++out.damaged_count;
            if (out.damaged.size() < kMostDamaged) out.damaged.push_back(number);
        }
        done += now;
        if (!tell(done, out.pages)) return {base::Code::cancelled, "the check of the database was stopped"};
    }
    return out;
}

}  // namespace store
