#include "kmp/service/wrong_pin.h"

#include "tokens/pin.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

void block_events(std::vector<Event>& events, const base::UkeySerial& ukey, model::UkeyKind kind, unsigned wrong_pins, const Peer* by) {
    Event locked(EventType::pin_locked);
    locked.text(Field::ukey, ukey.text()).value(Field::ukey_kind, kind).number(Field::wrong_pins, wrong_pins);
    if (by != nullptr) by->describe_actor(locked);
    events.push_back(std::move(locked));
    Event changed(EventType::ukey_state_changed);
    changed.text(Field::ukey, ukey.text()).value(Field::ukey_kind, kind).value(Field::action, model::UkeyAction::block);
    changed.value(Field::state_from, model::UkeyState::issued).value(Field::state_to, model::UkeyState::blocked).text(Field::reason, "too many wrong PINs");
    if (by != nullptr) by->describe_actor(changed);
    events.push_back(std::move(changed));
}

base::Result<WrongPin> count_wrong_pin(Service& service, Books& books, const base::UkeySerial& ukey, const Peer& peer) {
    tokens::UkeyRecord* record = books.registry.find(ukey);
    if (record == nullptr) return {Code::not_found, "UKEY " + ukey.text() + " is gone"};
    const unsigned count = ++record->wrong_pins;
    const bool block = count >= tokens::kMaxWrongPins && record->state == model::UkeyState::issued;
    Entry entry;
    Event failed(EventType::pin_failed);
    peer.describe_actor(failed);
    failed.text(Field::ukey, ukey.text()).value(Field::ukey_kind, record->kind).number(Field::wrong_pins, count);
    entry.events.push_back(std::move(failed));
    if (block) {
        record->state = model::UkeyState::blocked;
        service.end_use(ukey);
        block_events(entry.events, ukey, record->kind, count, &peer);
    }
    entry.effect = [ukey, count, block](store::Transaction& t, const audit::Receipt&) -> base::Status {
        KMP_CHECK(tokens::registry::set_wrong_pins(t, ukey, count));
        if (block) KMP_CHECK(tokens::registry::set_state(t, ukey, model::UkeyState::blocked));
        return {};
    };
    const std::string left = count < tokens::kMaxWrongPins ? tokens::tries_left(count) : "it is blocked now, ask the officer to unblock it";
    return WrongPin{std::move(entry), {Code::wrong_pin, "wrong PIN for " + std::string(model::name(record->kind)) + " UKEY " + ukey.text() + "; " + left}};
}

std::optional<Entry> forget_wrong_pins(Books& books, const base::UkeySerial& ukey) {
    tokens::UkeyRecord* record = books.registry.find(ukey);
    if (record == nullptr || record->wrong_pins == 0) return std::nullopt;
    record->wrong_pins = 0;
    Entry entry;
    entry.effect = [ukey](store::Transaction& t, const audit::Receipt&) { return tokens::registry::set_wrong_pins(t, ukey, 0); };
    return entry;
}

}  // namespace kmp::service
