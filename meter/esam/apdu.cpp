#include "meter/esam/apdu.h"

#include <stdexcept>

#include "meter/archive.h"

namespace meter {

// Found by the archive through their types' namespace.
template <class A>
void fields(A& a, Account& v) {
    a(v.keys, v.key_count, v.staged_keys, v.staged, v.wallet, v.debited, v.illegal_insertions, v.card_serial, v.mac_failures, v.identity_valid);
}
template <class A>
void fields(A& a, CardCredit& v) {
    a(v.card_type, v.amount, v.count);
}

namespace esam {
namespace {

template <class T>
base::Bytes encoded(T value) {
    archive::Writer out;
    out(value);
    return out.view();
}

template <class T>
base::Result<T> decoded(base::ByteView bytes) {
    T out;
    archive::Reader in(bytes);
    in(out);
    if (!in.whole()) return {base::Code::malformed, "the secure element's answer has another length"};
    return out;
}

}  // namespace

base::Result<Command> parse(base::ByteView apdu) {
    constexpr std::size_t kHead = 4;
    const base::Error wrong{base::Code::malformed, "an APDU's lengths do not fit"};
    if (apdu.size() < kHead || apdu.size() == kHead + 1) return wrong;
    Command out{apdu[0], apdu[1], apdu[2], apdu[3], {}};
    if (apdu.size() == kHead) return out;
    out.data = apdu.subspan(kHead + 1);
    if (apdu[kHead] == 0 || apdu[kHead] != out.data.size()) return wrong;
    return out;
}

base::Bytes command(Ins ins, std::uint8_t p1, std::uint8_t p2, base::ByteView data) {
    if (data.size() > kMaxApduData) throw std::length_error("an APDU carries at most 255 bytes");
    base::Bytes out{kClass, static_cast<std::uint8_t>(ins), p1, p2};
    if (data.empty()) return out;
    out.push_back(static_cast<std::uint8_t>(data.size()));
    out.insert(out.end(), data.begin(), data.end());
    return out;
}

base::Bytes encode(const Account& account) { return encoded(account); }
base::Bytes encode(const MoneyParameters& parameters) { return encoded(parameters); }
base::Bytes encode(const CardCredit& credit) { return encoded(credit); }

base::Result<Account> decode_account(base::ByteView bytes) { return decoded<Account>(bytes); }

base::Result<MoneyParameters> decode_parameters(base::ByteView bytes) {
    KMP_TRY(const MoneyParameters out, decoded<MoneyParameters>(bytes));
    for (const Prices* prices : {&out.current, &out.backup})
        if (prices->tariffs > kTariffs || prices->steps > kLadderSteps) return {base::Code::malformed, "the secure element has no such prices"};
    return out;
}

base::Result<CardCredit> decode_credit(base::ByteView bytes) { return decoded<CardCredit>(bytes); }

}  // namespace esam
}  // namespace meter
