#include "meter/esam/esam.h"

namespace meter::esam {
namespace {

base::Bytes status(std::uint16_t word, base::Bytes data = {}) {
    data.push_back(static_cast<std::uint8_t>(word >> 8));
    data.push_back(static_cast<std::uint8_t>(word));
    return data;
}

base::Bytes refused(std::uint8_t kind, unsigned reason) { return {kind, static_cast<std::uint8_t>(reason)}; }

base::Bytes reply(const Element::Answer& answer) {
    if (const auto* why = std::get_if<dlt645::SerrBit>(&answer)) return refused(kSerr, static_cast<unsigned>(*why));
    return status(kDone, std::get<base::Bytes>(answer));
}

base::Bytes reply(const Element::Plain& answer) {
    if (const auto* why = std::get_if<dlt645::ErrorBit>(&answer)) return refused(kErrorWord, static_cast<unsigned>(*why));
    return status(kDone, std::get<base::Bytes>(answer));
}

base::Bytes reply(const Element::Card& answer) {
    if (const auto* why = std::get_if<CardRefusal>(&answer)) return refused(kCard, static_cast<unsigned>(*why));
    return status(kDone, std::get<base::Bytes>(answer));
}

base::Bytes reply(const base::Status& done) { return status(done ? kDone : kMemoryFailure); }

std::optional<std::uint64_t> number(base::ByteView eight) {
    base::ByteReader in(eight);
    const auto out = in.u64();
    return out && in.end() ? std::optional(*out) : std::nullopt;
}

}  // namespace

Esam::Esam(SecurityState state, Storage& storage, const base::Clock& clock, base::Millis validity, std::function<void(const base::Error&)> trouble)
    : storage_(storage), trouble_(std::move(trouble)), core_(
          std::move(state),
          [this](const SecurityState& next) {
              auto saved = storage_.save(encode_element(next));
              if (!saved && trouble_) trouble_(saved.error());
              return saved;
          },
          clock, validity) {}

base::Bytes Esam::transmit(base::ByteView apdu) {
    const auto command = parse(apdu);
    if (!command) return status(kWrongLength);
    if (command->cla != kClass) return status(kNoClass);
    return obey(*command);
}

base::Bytes Esam::obey(const Command& c) {
    switch (static_cast<Ins>(c.ins)) {
        case Ins::security:
            return reply(core_.security(dlt645::DataIdentifier(0x070000FFu | static_cast<std::uint32_t>(c.p1) << 16 | static_cast<std::uint32_t>(c.p2) << 8), c.data));
        case Ins::write: {
            base::ByteReader in(c.data);
            const auto id = in.u32();
            if (!id) return status(kWrongLength);
            return reply(core_.write_parameter(c.p1, dlt645::DataIdentifier(*id), c.data.subspan(4)));
        }
        case Ins::relay: return reply(core_.relay_order(c.data));
        case Ins::card: return card(c);
        case Ins::account: return status(kDone, encode(core_.account()));
        case Ins::parameters: return status(kDone, encode(core_.parameters()));
        case Ins::debit: {
            const auto total = number(c.data);
            return total ? reply(core_.debit(*total)) : status(kWrongLength);
        }
        case Ins::switch_prices: return c.p1 <= 3 ? reply(core_.switch_prices((c.p1 & 1) != 0, (c.p1 & 2) != 0)) : status(kWrongP1P2);
    }
    return status(kNoInstruction);
}

base::Bytes Esam::card(const Command& c) {
    switch (static_cast<CardStep>(c.p1)) {
        case CardStep::begin: return reply(core_.card_begin(c.data));
        case CardStep::internal: return reply(core_.card_internal(c.data));
        case CardStep::external: return reply(core_.card_external(c.data));
        case CardStep::random: return reply(core_.card_random());
        case CardStep::file: return reply(core_.card_file(c.data));
        case CardStep::write_back: return reply(core_.card_write_back(c.data));
        case CardStep::credit: {
            const auto now = number(c.data);
            if (!now) return status(kWrongLength);
            const auto done = core_.card_credit(static_cast<base::Millis>(*now));
            if (const auto* why = std::get_if<CardRefusal>(&done)) return refused(kCard, static_cast<unsigned>(*why));
            return status(kDone, encode(std::get<CardCredit>(done)));
        }
        case CardStep::refused: core_.card_refused(); return status(kDone);
    }
    return status(kWrongP1P2);
}

}  // namespace meter::esam
