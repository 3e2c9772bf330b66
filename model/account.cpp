#include "model/account.h"

#include <algorithm>

#include "base/utf8.h"

namespace model {
namespace {

using base::Code;
using base::Error;

constexpr std::uint8_t kByPassword = 1;  // versions of the encoding
constexpr std::uint8_t kByKey = 2;

}  // namespace

base::Status check_account_name(std::string_view name) { return base::check_name(name, "account"); }

base::Bytes Account::encode() const {
    base::ByteWriter w;
    w.u8(key.empty() ? kByPassword : kByKey);
    w.sized16(name);
    w.sized16(ukey.text());
    w.sized16(holder);
    w.sized16(home.text());
    w.u64(static_cast<std::uint64_t>(not_after));
    w.u32(number);
    if (!key.empty()) {
        w.u8(password ? 1 : 0);
        w.bytes(key);
    }
    return std::move(w).take();
}

base::Result<Account> Account::decode(base::ByteView bytes) {
    base::ByteReader r(bytes);
    KMP_TRY(const std::uint8_t version, r.u8());
    if (version != kByPassword && version != kByKey) return Error{Code::malformed, "an account of version " + std::to_string(version) + ", known are 1 and 2"};
    Account out;
    KMP_TRY(out.name, r.text16());
    KMP_TRY(const std::string ukey_text, r.text16());
    KMP_TRY(out.ukey, base::UkeySerial::parse(ukey_text));
    KMP_TRY(out.holder, r.text16());
    KMP_TRY(const std::string home_text, r.text16());
    KMP_TRY(out.home, base::UkeySerial::parse(home_text));
    KMP_TRY(const std::uint64_t until, r.u64());
    if (until >> 63 != 0) return Error{Code::malformed, "an account that ends too late"};
    out.not_after = static_cast<base::Millis>(until);
    KMP_TRY(out.number, r.u32());
    if (version == kByKey) {
        KMP_TRY(const std::uint8_t password, r.u8());
        if (password > 1) return Error{Code::malformed, "an account whose password is neither there nor not"};
        out.password = password != 0;
        KMP_TRY(const base::ByteView key, r.bytes(kKeySize));
        out.key = base::to_bytes(key);
    }
    KMP_CHECK(r.end());
    KMP_CHECK(out.validate());
    return out;
}

base::Status Account::validate() const {
    const auto bad = [](std::string text) { return Error{Code::invalid_argument, "account: " + std::move(text)}; };
    KMP_CHECK(check_account_name(name));
    if (number == 0) return bad("its number starts at 1");
    if (ukey.empty() || home.empty()) return bad("it belongs to a UKEY and to a platform");
    const bool control = std::any_of(holder.begin(), holder.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (holder.empty() || holder.size() > kLongestHolder || control || !base::is_utf8(holder)) return bad("its holder is one line of 1 to 64 bytes of UTF-8");
    if (not_after <= 0) return bad("it ends at some time");
    if (!key.empty() && key.size() != kKeySize) return bad("a key is named by the 32 bytes of its SHA-256");
    if (!password && key.empty()) return bad("it is used by a password, by a key, or by either");
    return {};
}

std::string Account::in_words() const {
    const std::string by_key = key.empty() ? "" : "; by the key whose SHA-256 is " + base::to_hex(key) + (password ? ", or by a password" : "");
    return "account " + name + " of " + holder + " with user UKEY " + ukey.text() + " at platform " + home.text() + ", statement " + std::to_string(number) + ", until " + base::to_rfc3339(not_after) + by_key;
}

std::string_view name(AccountChange change) noexcept {
    switch (change) {
        case AccountChange::disable: return "disable";
        case AccountChange::enable: return "enable";
        case AccountChange::lock: return "lock";
        case AccountChange::reset: return "reset";
        case AccountChange::change_password: return "change-password";
    }
    return "?";
}

}  // namespace model
