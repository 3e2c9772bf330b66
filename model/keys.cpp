#include "model/keys.h"

namespace model {
namespace {
constexpr std::uint64_t kTwelveDigits = 1'000'000'000'000;
}

std::string_view name(KeyClass c) noexcept {
    switch (c) {
        case KeyClass::control: return "control";
        case KeyClass::identity: return "identity";
        case KeyClass::remote: return "remote";
        case KeyClass::parameter: return "parameter";
        case KeyClass::credit: return "credit";
        case KeyClass::card: return "card";
    }
    return "?";
}

std::string_view name(KeyState s) noexcept {
    switch (s) {
        case KeyState::factory: return "factory";
        case KeyState::production: return "private";
    }
    return "?";
}

base::Result<KeyClass> parse_key_class(std::string_view text) {
    for (KeyClass c : kAllClasses)
        if (name(c) == text) return c;
    return {base::Code::invalid_argument, "'" + std::string(text) + "' is not a key class: control, identity, remote, parameter, credit or card"};
}

base::Result<KeyClass> key_class_from(std::uint64_t number) {
    if (number < 1 || number > 6) return {base::Code::malformed, "no key class has the number " + std::to_string(number)};
    return static_cast<KeyClass>(number);
}

base::Result<KeyState> key_state_from(std::uint64_t number) {
    if (number > 1) return {base::Code::malformed, "no key state has the number " + std::to_string(number)};
    return static_cast<KeyState>(number);
}

template <class Tag>
base::Result<Digits12<Tag>> Digits12<Tag>::parse(std::string_view text) {
    bool fine = text.size() == 12;
    std::uint64_t n = 0;
    for (char c : text) {
        fine = fine && c >= '0' && c <= '9';
        n = n * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (!fine) return {base::Code::invalid_argument, "'" + std::string(text.substr(0, 24)) + "' is not a " + std::string(Tag::kWhat) + ": it has 12 digits"};
    return from_number(n);
}

template <class Tag>
base::Result<Digits12<Tag>> Digits12<Tag>::from_bcd(base::ByteView six) {
    if (six.size() != 6) return {base::Code::malformed, "a " + std::string(Tag::kWhat) + " has 6 BCD bytes"};
    std::uint64_t n = 0;
    for (std::uint8_t b : six) {
        if ((b >> 4) > 9 || (b & 15) > 9) return {base::Code::malformed, "a " + std::string(Tag::kWhat) + " that is not BCD: " + base::to_hex(six)};
        n = n * 100 + static_cast<std::uint64_t>((b >> 4) * 10 + (b & 15));
    }
    return from_number(n);
}

template <class Tag>
base::Result<Digits12<Tag>> Digits12<Tag>::from_number(std::uint64_t number) {
    if (number >= kTwelveDigits) return {base::Code::invalid_argument, "a " + std::string(Tag::kWhat) + " has 12 digits"};
    Digits12 out;
    out.number_ = number;
    return out;
}

template <class Tag>
base::Result<Digits12<Tag>> Digits12<Tag>::assigned(std::uint64_t number) {
    if (number == 0) return {base::Code::invalid_argument, "the " + std::string(Tag::kWhat) + " 000000000000 is nobody's: name one"};
    return from_number(number);
}

template <class Tag>
std::string Digits12<Tag>::text() const {
    std::string digits = std::to_string(number_);
    return std::string(12 - digits.size(), '0') + digits;
}

template <class Tag>
std::array<std::uint8_t, 6> Digits12<Tag>::bcd() const noexcept {
    std::array<std::uint8_t, 6> out{};
    std::uint64_t n = number_;
    for (std::size_t i = 6; i-- > 0; n /= 100) out[i] = static_cast<std::uint8_t>((n % 100) / 10 << 4 | n % 10);
    return out;
}

template class Digits12<MeterTag>;
template class Digits12<CustomerTag>;

Factor factor_of(MeterNumber meter) noexcept {
    Factor out{};
    const auto bcd = meter.bcd();
    std::copy(bcd.begin(), bcd.end(), out.begin() + 2);
    return out;
}

}  // namespace model
