#include "audit/replay.h"

#include <algorithm>

namespace audit {

base::Bytes platform_statement(std::string_view origin, std::string_view ukey, base::ByteView checkpoint_key, std::uint64_t size, base::ByteView root) {
    base::ByteWriter w;
    w.u8(1);
    w.sized16(origin);
    w.sized16(ukey);
    w.sized16(checkpoint_key);
    w.u64(size);
    w.bytes(root);
    return std::move(w).take();
}

base::Bytes release_statement(std::string_view station, base::Millis since) {
    base::ByteWriter about;
    about.sized16(station);
    about.u64(static_cast<std::uint64_t>(since));
    return model::act_statement("release-station", about.view());
}

std::string Replay::quoted(std::string_view serial) { return "UKEY " + std::string(serial); }

std::string Replay::meter_of(const Record& r) { return "meter " + value_in_words(Field::meter, r.bytes(Field::meter)); }

base::Millis Replay::acted_at(const Record& r) { return r.has(Field::happened_at) ? static_cast<base::Millis>(r.number(Field::happened_at)) : r.time(); }

void Replay::record(const Record& r) {
    if ((r.type() == EventType::genesis) != (r.index() == 0)) find(r, "genesis", r.index() == 0 ? "the log does not begin with its genesis" : "a second genesis");
    if (rules_ >= kDeedsSigned && r.index() == 1) begun(r);
    if (rules_ >= kDeedsSigned) by_word(r);
    if (r.has(Field::rules)) rules_ = std::max(rules_, r.number(Field::rules));
    if (r.number(Field::rules) > kDeedsSigned) find(r, "format", "it owes rules " + std::to_string(r.number(Field::rules)) + ", and this program knows those up to " + std::to_string(kDeedsSigned) + ": verify it with a newer one");
    copied_ = r.type() == EventType::copy_suspected ? std::string(r.text(Field::ukey)) : std::string();
    remember_time(r);
    switch (r.type()) {
        case EventType::genesis: return genesis(r);
        case EventType::deed_signed: return deed_signed(r);
        case EventType::ceremony_minutes: ceremony_ = false; return;
        case EventType::ukey_initialised: return transition(r, model::UkeyAction::initialise);
        case EventType::ukey_issued: return issued(r);
        case EventType::ukey_state_changed: return state_changed(r);
        case EventType::grant_set: return grant_set(r);
        case EventType::account_set: return account_set(r);
        case EventType::account_state_changed: return account_changed(r);
        case EventType::order: return order(r);
        case EventType::order_repeated: return order_repeated(r);
        case EventType::order_voided: return order_voided(r);
        case EventType::status_checked:
        case EventType::card_reported: return shown(r);
        case EventType::quorum_set: return quorum_changed(r);
        case EventType::master_added: return master_added(r);
        case EventType::platform_replaced: return platform_replaced(r);
        case EventType::restored: restored_ = true; return;
        case EventType::request_made: asked_[r.number(Field::request_number)] = {base::to_bytes(r.bytes(Field::statement)), {}}; return;
        case EventType::request_voted: return voted(r);
        case EventType::keys_sent: return keys_sent(r);
        case EventType::keys_loaded: return keys_loaded(r);
        case EventType::download_allowed: return download_allowed(r);
        case EventType::intent_opened: intents_[r.index()] = r.number(Field::action); return;
        case EventType::checkpoint_signed: return checkpointed(r);
        case EventType::retention_set: return retention_set(r);
        case EventType::archived: return archived(r);
        case EventType::intent_concluded: return concluded(r);
        case EventType::session_opened:
        case EventType::meter_authenticated:
        case EventType::relay_command:
        case EventType::random_drawn:
        case EventType::data_signed:
        case EventType::station_proved:
        case EventType::data_verified:
        case EventType::data_encrypted:
        case EventType::data_decrypted:
        case EventType::data_authenticated:
        case EventType::keys_shown:
        case EventType::certificate_requested:
        case EventType::void_begun:
        case EventType::validity_set:
        case EventType::parameter_written:
        case EventType::read_back_checked:
        case EventType::card_authenticated:
        case EventType::card_key_written:
        case EventType::card_written: return used(r);
        case EventType::station_held: held_[std::string(r.text(Field::station))] = r.time(); return;
        case EventType::station_released: return released(r);
        case EventType::keys_rotated: newest_set_ = std::max(newest_set_, r.number(Field::key_version)); return;
        case EventType::service_started:
        case EventType::service_stopped:
        case EventType::unsealed:
        case EventType::sealed:
        case EventType::recovery:
        case EventType::clock_jump:
        case EventType::configuration:
        case EventType::host_failed:
        case EventType::pin_failed:
        case EventType::pin_locked:
        case EventType::pin_changed:
        case EventType::copy_suspected:
        case EventType::ukey_inserted:
        case EventType::ukey_removed:
        case EventType::ukey_attended:
        case EventType::masters_injected:
        case EventType::keys_destroyed:
        case EventType::ukey_renewed:
        case EventType::backup_made:
        case EventType::request_closed:
        case EventType::session_refused:
        case EventType::session_closed:
        case EventType::denied:
        case EventType::denials_coalesced:
        case EventType::turned_away:
        case EventType::order_refused:
        case EventType::crl_issued:
        case EventType::export_made:
        case EventType::witness_answered:
        case EventType::checkpoint_held_up:
        case EventType::checkpoint_witnessed:
        case EventType::log_verified:
        case EventType::standby_began:
        case EventType::standby_stopped:
        case EventType::standby_resumed: return;
    }
}

void Replay::used(const Record& r) {
    if (r.has(Field::account)) by_account(r);
    if (!r.has(Field::ukey)) return;
    const Ukey& u = ukey(r.text(Field::ukey));
    if (u.state != model::UkeyState::issued) find(r, "state", quoted(r.text(Field::ukey)) + " was used while " + std::string(model::name(u.state)));
}

void Replay::concluded(const Record& r) {
    if (intents_.erase(r.number(Field::intent)) == 0) find(r, "intent", "record " + std::to_string(r.number(Field::intent)) + " is no open intent");
}

base::Status Replay::finish() {
    return orders_.finish(
        [&](std::uint64_t first, std::uint64_t again) { on_finding_(again, "duplicate", "the same order as record " + std::to_string(first) + " was made again"); },
        [&](std::uint64_t index) { on_finding_(index, "duplicate", "it answers again an order that was never made"); },
        [&](std::uint64_t first, std::uint64_t again) { on_finding_(again, "duplicate", "it answers the order of record " + std::to_string(first) + " with another content or count"); });
}

}  // namespace audit
