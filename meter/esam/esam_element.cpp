#include "meter/esam/esam_element.h"

namespace meter::esam {
namespace {

/// The reason in a status word of this kind; nothing when it is another.
std::optional<std::uint8_t> reason(std::uint16_t status, std::uint8_t kind) {
    return status >> 8 == kind ? std::optional(static_cast<std::uint8_t>(status)) : std::nullopt;
}

base::Bytes eight(std::uint64_t number) {
    base::ByteWriter out;
    out.u64(number);
    return std::move(out).take();
}

}  // namespace

EsamElement::Response EsamElement::ask(Ins ins, std::uint8_t p1, std::uint8_t p2, base::ByteView data) const {
    if (data.size() > kMaxApduData) return {kWrongLength, {}};
    Response out;
    out.data = device_.transmit(command(ins, p1, p2, data));
    if (out.data.size() < 2) return {};
    out.status = static_cast<std::uint16_t>(out.data[out.data.size() - 2] << 8 | out.data.back());
    out.data.resize(out.data.size() - 2);
    return out;
}

Element::Answer EsamElement::security(dlt645::DataIdentifier id, base::ByteView fields) {
    const auto bytes = id.bytes();
    if (bytes[0] != 0x07 || bytes[3] != 0xFF) return Serr::other;
    Response response = ask(Ins::security, bytes[1], bytes[2], fields);
    if (response.status == kDone) return std::move(response.data);
    if (const auto why = reason(response.status, kSerr)) return static_cast<Serr>(*why);
    return response.status == kWrongLength ? Serr::other : Serr::mac_failed;  // "MAC or secure-element failure"
}

Element::Plain EsamElement::relay_order(base::ByteView fields) {
    Response response = ask(Ins::relay, 0x98, 0, fields);
    if (response.status == kDone) return std::move(response.data);
    return static_cast<dlt645::ErrorBit>(reason(response.status, kErrorWord).value_or(static_cast<std::uint8_t>(dlt645::ErrorBit::other)));
}

Element::Plain EsamElement::write_parameter(std::uint8_t pa, dlt645::DataIdentifier id, base::ByteView fields) {
    base::Bytes data = base::to_bytes(id.bytes());
    data.insert(data.end(), fields.begin(), fields.end());
    Response response = ask(Ins::write, pa, 0, data);
    if (response.status == kDone) return std::move(response.data);
    return static_cast<dlt645::ErrorBit>(reason(response.status, kErrorWord).value_or(static_cast<std::uint8_t>(dlt645::ErrorBit::other)));
}

Account EsamElement::account() const {
    const Response response = ask(Ins::account, 0, 0, {});
    if (response.status == kDone)
        if (auto account = decode_account(response.data)) account_ = *account;
    return account_;
}

MoneyParameters EsamElement::parameters() const {
    const Response response = ask(Ins::parameters, 0, 0, {});
    if (response.status == kDone)
        if (auto parameters = decode_parameters(response.data)) parameters_ = *parameters;
    return parameters_;
}

base::Status EsamElement::debit(std::uint64_t total) {
    if (ask(Ins::debit, 0, 0, eight(total)).status == kDone) return {};
    return {base::Code::storage_failed, "the secure element did not take off what was consumed: it will be tried again"};
}

base::Status EsamElement::switch_prices(bool tariffs, bool ladder) {
    const auto which = static_cast<std::uint8_t>((tariffs ? 1 : 0) | (ladder ? 2 : 0));
    if (ask(Ins::switch_prices, which, 0, {}).status == kDone) return {};
    return {base::Code::storage_failed, "the secure element did not take the new prices: it will be tried again"};
}

std::variant<CardCredit, CardRefusal> EsamElement::card_credit(base::Millis now) {
    Card answer = card(CardStep::credit, eight(static_cast<std::uint64_t>(now)));
    if (const auto* why = std::get_if<CardRefusal>(&answer)) return *why;
    const auto credit = decode_credit(std::get<base::Bytes>(answer));
    if (!credit) return CardRefusal::not_stored;
    return *credit;
}

Element::Card EsamElement::card(CardStep step, base::ByteView data) {
    Response response = ask(Ins::card, static_cast<std::uint8_t>(step), 0, data);
    if (response.status == kDone) return std::move(response.data);
    return static_cast<CardRefusal>(reason(response.status, kCard).value_or(static_cast<std::uint8_t>(CardRefusal::not_stored)));
}

}  // namespace meter::esam
