#include "ui/log/sentence.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "ui/log/values.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using Json = nlohmann::ordered_json;

// The service's own (audit/types.cpp), for whoever translates; a test holds each against the registry.
constexpr std::array kTemplates{
    SentenceTemplate{"genesis", QT_TRANSLATE_NOOP("sentence", "the log of {utility} begins, as {origin}; its day starts {day_offset} from UTC[; platform UKEY {ukey}]")},
    SentenceTemplate{"service_started", QT_TRANSLATE_NOOP("sentence", "the service started, version {version}[: {detail}]")},
    SentenceTemplate{"service_stopped", QT_TRANSLATE_NOOP("sentence", "the service stopped[: {detail}]")},
    SentenceTemplate{"unsealed", QT_TRANSLATE_NOOP("sentence", "the service was unsealed[ by {actor}][: {detail}]")},
    SentenceTemplate{"sealed", QT_TRANSLATE_NOOP("sentence", "the service was sealed[ by {actor}][: {reason}]")},
    SentenceTemplate{"recovery", QT_TRANSLATE_NOOP("sentence", "recovery at the start[: {detail}][; {note}]")},
    SentenceTemplate{"clock_jump", QT_TRANSLATE_NOOP("sentence", "the clock jumped; before, it said {previous}[: {detail}]")},
    SentenceTemplate{"configuration", QT_TRANSLATE_NOOP("sentence", "configuration[ changed by {actor}]: {note}")},
    SentenceTemplate{"host_failed", QT_TRANSLATE_NOOP("sentence", "the token host[ of UKEY {ukey}][ in reader {reader}] failed[: {detail}][ ({code})]")},
    SentenceTemplate{"pin_failed", QT_TRANSLATE_NOOP("sentence", "a wrong PIN[ for UKEY {ukey}][, account {account}][, {wrong_pins} in a row][ by {actor}]")},
    SentenceTemplate{"pin_locked", QT_TRANSLATE_NOOP("sentence", "UKEY {ukey} is locked after[ {wrong_pins}] wrong PINs")},
    SentenceTemplate{"pin_changed", QT_TRANSLATE_NOOP("sentence", "the PIN of UKEY {ukey} was changed[ by {actor}][: {detail}]")},
    SentenceTemplate{"copy_suspected", QT_TRANSLATE_NOOP("sentence", "UKEY {ukey}[ in reader {reader}] looks like a copy[: {detail}]")},
    SentenceTemplate{"ukey_inserted", QT_TRANSLATE_NOOP("sentence", "[UKEY {ukey} ]appeared[ in reader {reader}][: {detail}]")},
    SentenceTemplate{"ukey_removed", QT_TRANSLATE_NOOP("sentence", "[UKEY {ukey} ]was taken[ out of reader {reader}][: {detail}]")},
    SentenceTemplate{"ukey_initialised", QT_TRANSLATE_NOOP("sentence", "UKEY {ukey} was initialised as {ukey_kind}[ on token {token_serial}][ by {actor}]")},
    SentenceTemplate{"ukey_issued", QT_TRANSLATE_NOOP("sentence", "UKEY {ukey} was issued as {ukey_kind}[ to {holder}][ for station {station}][, valid until {not_after}][ by {actor}]")},
    SentenceTemplate{"ukey_state_changed", QT_TRANSLATE_NOOP("sentence", "UKEY {ukey}: {action}, from {state_from} to {state_to}[ by {actor}][: {reason}]")},
    SentenceTemplate{"grant_set", QT_TRANSLATE_NOOP("sentence", "grant {grant_number} of UKEY {ukey} was set[ by officer {officer}][ by {actor}]: {grant}")},
    SentenceTemplate{"masters_injected", QT_TRANSLATE_NOOP("sentence", "UKEY {ukey} received the masters of {classes}[, version {key_version}][, {key_state}]")},
    SentenceTemplate{"keys_rotated", QT_TRANSLATE_NOOP("sentence", "the masters of {classes} have a version {key_version} from now on[ ({reason})]")},
    SentenceTemplate{"keys_destroyed", QT_TRANSLATE_NOOP("sentence", "version {key_version} of the keys was ended: masters of {classes} were destroyed[: {detail}][; {count} meters still had it][ ({reason})]")},
    SentenceTemplate{"account_set", QT_TRANSLATE_NOOP("sentence", "account {account} was set[ for {holder}] with UKEY {ukey}[, valid until {not_after}][ by {actor}]")},
    SentenceTemplate{"account_state_changed", QT_TRANSLATE_NOOP("sentence", "account {account}: {account_change}[ by officer {officer}][ by {actor}][: {reason}][; {detail}]")},
    SentenceTemplate{"ukey_attended", QT_TRANSLATE_NOOP("sentence", "the PIN of UKEY {ukey} is kept, so that it opens by itself: {attended}[ by {actor}][: {detail}]")},
    SentenceTemplate{"ukey_renewed", QT_TRANSLATE_NOOP("sentence", "UKEY {ukey} was renewed until {not_after}[ by {actor}]")},
    SentenceTemplate{"intent_opened", QT_TRANSLATE_NOOP("sentence", "about to[ {action}][ UKEY {ukey}][ in reader {reader}][: {detail}]")},
    SentenceTemplate{"intent_concluded", QT_TRANSLATE_NOOP("sentence", "what record {intent} was about to do is {outcome}[: {detail}]")},
    SentenceTemplate{"ceremony_minutes", QT_TRANSLATE_NOOP("sentence", "minutes of a ceremony: {note}")},
    SentenceTemplate{"quorum_set", QT_TRANSLATE_NOOP("sentence", "the officers[ are {detail}][ ({reason})]")},
    SentenceTemplate{"request_made", QT_TRANSLATE_NOOP("sentence", "request {request_number} was made[ by {actor}][: {detail}][; good until {not_after}]")},
    SentenceTemplate{"request_voted", QT_TRANSLATE_NOOP("sentence", "officer {ukey}[ ({holder})] judged request {request_number}; agrees: {agrees}")},
    SentenceTemplate{"request_closed", QT_TRANSLATE_NOOP("sentence", "request {request_number} was run: {outcome}[: {detail}]")},
    SentenceTemplate{"master_added", QT_TRANSLATE_NOOP("sentence", "UKEY {ukey} is a further master-control UKEY[ by {actor}][: {reason}]")},
    SentenceTemplate{"platform_replaced", QT_TRANSLATE_NOOP("sentence", "UKEY {ukey} is the platform UKEY from here on[ by {actor}][: {reason}]")},
    SentenceTemplate{"backup_made", QT_TRANSLATE_NOOP("sentence", "a backup of {size} events was made[ by {actor}][: {detail}]; SHA-256 {data_hash}")},
    SentenceTemplate{"restored", QT_TRANSLATE_NOOP("sentence", "the log was restored from a backup of {size} events[ by {actor}][: {detail}]; SHA-256 {data_hash}")},
    SentenceTemplate{"session_opened", QT_TRANSLATE_NOOP("sentence", "session {session} opened[ for account {account}][ with UKEY {ukey}][ for station {station}][ by {actor}][; proved by {proven_by}][ {proven_key}]")},
    SentenceTemplate{"session_refused", QT_TRANSLATE_NOOP("sentence", "a session[ for account {account}][ with UKEY {ukey}][ by {actor}] was refused[: {detail}][ ({rule})][; the key that was proved is {proven_key}]")},
    SentenceTemplate{"session_closed", QT_TRANSLATE_NOOP("sentence", "session {session} closed[: {reason}]")},
    SentenceTemplate{"denied", QT_TRANSLATE_NOOP("sentence", "refused[ to {actor}][: {request}][: {operation}][ for meter {meter}][ with UKEY {ukey}][; {rule}][; {detail}]")},
    SentenceTemplate{"station_held", QT_TRANSLATE_NOOP("sentence", "station {station} is held: {count} orders of {amount} yuan within {minutes} minutes[, with UKEY {ukey}]")},
    SentenceTemplate{"station_released", QT_TRANSLATE_NOOP("sentence", "station {station} may sell again[: {reason}][; by officer {officer}][; by {actor}]")},
    SentenceTemplate{"meter_authenticated", QT_TRANSLATE_NOOP("sentence", "identity authentication for meter {meter} with UKEY {ukey}[, {key_state} keys][ version {key_version}]")},
    SentenceTemplate{"order", QT_TRANSLATE_NOOP("sentence", "order {order_id}: {operation}[ ({order_kind})] of {amount} yuan for meter {meter}[ of customer {customer}], purchase count {count}, by station {station} with UKEY {ukey}[, by {channel}][ {card}]")},
    SentenceTemplate{"order_repeated", QT_TRANSLATE_NOOP("sentence", "order {order_id} of station {station} was answered again; nothing was charged[ (meter {meter}, purchase count {count})][; file {file}][ of card {card}]")},
    SentenceTemplate{"order_refused", QT_TRANSLATE_NOOP("sentence", "an order was refused[: {order_id}][, {operation}][ ({order_kind})][ of {amount} yuan][ by {channel}][ for meter {meter}][ by station {station}][; {rule}][; {detail}]")},
    SentenceTemplate{"status_checked", QT_TRANSLATE_NOOP("sentence", "status of meter {meter}: the answer is genuine: {genuine}[, balance {amount} yuan][, purchase count {count}][, known {known_count}][; it contradicts the log: {contradiction}]")},
    SentenceTemplate{"relay_command", QT_TRANSLATE_NOOP("sentence", "relay of meter {meter}: {command}[ by station {station}] with UKEY {ukey}")},
    SentenceTemplate{"keys_sent", QT_TRANSLATE_NOOP("sentence", "keys of version {key_version} were sent to meter {meter} with UKEY {ukey}; back to the factory set: {recover}[; under the factory keys: {factory_wrapped}]")},
    SentenceTemplate{"keys_loaded", QT_TRANSLATE_NOOP("sentence", "meter {meter} and its new keys: {outcome}[: {detail}]")},
    SentenceTemplate{"download_allowed", QT_TRANSLATE_NOOP("sentence", "meter {meter} may be given its private keys once more under the factory keys, until {not_after} ({reason})[, as officers agreed to in request {request_number}][; by {actor}]")},
    SentenceTemplate{"validity_set", QT_TRANSLATE_NOOP("sentence", "an authentication of meter {meter} holds for {minutes} minutes[ by station {station}] with UKEY {ukey}")},
    SentenceTemplate{"parameter_written", QT_TRANSLATE_NOOP("sentence", "parameter {identifier} of meter {meter} was made for writing: {data}[; encrypted: {encrypted}][, by station {station}] with UKEY {ukey}")},
    SentenceTemplate{"read_back_checked", QT_TRANSLATE_NOOP("sentence", "read-back of meter {meter}: it is genuine: {genuine}[: {data}]")},
    SentenceTemplate{"card_authenticated", QT_TRANSLATE_NOOP("sentence", "card {card} of meter {meter} was authenticated with UKEY {ukey}; it is genuine: {genuine}[, {key_state} keys][ version {key_version}]")},
    SentenceTemplate{"card_key_written", QT_TRANSLATE_NOOP("sentence", "key {usage} of card {card} was made for meter {meter} with UKEY {ukey}; back to the factory set: {erase}[; version {key_version}]")},
    SentenceTemplate{"card_written", QT_TRANSLATE_NOOP("sentence", "file {file} of card {card} of meter {meter} was made for writing with UKEY {ukey}[, from byte {offset} on][: {data}]")},
    SentenceTemplate{"card_reported", QT_TRANSLATE_NOOP("sentence", "file {file} of card {card} of meter {meter} was reported; it is genuine: {genuine}[, balance {amount} yuan][, purchase count {count}][, known {known_count}][; it contradicts the log: {contradiction}]")},
    SentenceTemplate{"order_voided", QT_TRANSLATE_NOOP("sentence", "order {order_id} was voided, as meter {meter} never credited it: {operation}[ ({order_kind})] of {amount} yuan[ of customer {customer}] made on {made_at}[ by {channel}][ {card}]; purchase count {count} is free again, and UKEY {ukey} asked for it[; it was charged to UKEY {charged}]")},
    SentenceTemplate{"void_begun", QT_TRANSLATE_NOOP("sentence", "station {station} wants to void order {order_id} of meter {meter}[: {detail}]")},
    SentenceTemplate{"data_signed", QT_TRANSLATE_NOOP("sentence", "data were signed with UKEY {ukey}: SHA-256 {data_hash}[, {data_size} bytes]")},
    SentenceTemplate{"random_drawn", QT_TRANSLATE_NOOP("sentence", "{data_size} random bytes were drawn[ with UKEY {ukey}]")},
    SentenceTemplate{"data_verified", QT_TRANSLATE_NOOP("sentence", "a signature was checked[ with UKEY {ukey}]: SHA-256 {data_hash}; it is genuine: {genuine}")},
    SentenceTemplate{"data_encrypted", QT_TRANSLATE_NOOP("sentence", "{data_size} bytes were encrypted with UKEY {ukey}")},
    SentenceTemplate{"data_decrypted", QT_TRANSLATE_NOOP("sentence", "{data_size} bytes were decrypted with UKEY {ukey}: SHA-256 of what was sealed {data_hash}")},
    SentenceTemplate{"data_authenticated", QT_TRANSLATE_NOOP("sentence", "a MAC was made with UKEY {ukey}: SHA-256 {data_hash}[, {data_size} bytes]")},
    SentenceTemplate{"keys_shown", QT_TRANSLATE_NOOP("sentence", "the public keys of UKEY {ukey} were shown[ to {actor}]")},
    SentenceTemplate{"certificate_requested", QT_TRANSLATE_NOOP("sentence", "a certificate request of UKEY {ukey} was signed: SHA-256 {data_hash}")},
    SentenceTemplate{"checkpoint_signed", QT_TRANSLATE_NOOP("sentence", "a checkpoint was signed over {size} records: root {root}")},
    SentenceTemplate{"crl_issued", QT_TRANSLATE_NOOP("sentence", "revocation list {crl_number} was issued[, {count} entries]")},
    SentenceTemplate{"export_made", QT_TRANSLATE_NOOP("sentence", "records {first} up to {size} were exported[ by {actor}][, for {recipients} alone]")},
    SentenceTemplate{"witness_answered", QT_TRANSLATE_NOOP("sentence", "checkpoints get to {witness}, up to that over {size} records[: {detail}]")},
    SentenceTemplate{"checkpoint_held_up", QT_TRANSLATE_NOOP("sentence", "the checkpoint[ over {size} records] did not get to {witness}[: {detail}]")},
    SentenceTemplate{"checkpoint_witnessed", QT_TRANSLATE_NOOP("sentence", "a checkpoint of the log {origin} over {size} records was cosigned: root {root}")},
    SentenceTemplate{"retention_set", QT_TRANSLATE_NOOP("sentence", "events stay in the live database for {days} days, and archive segments for {keep_days}[ by {actor}][: {reason}]")},
    SentenceTemplate{"archived", QT_TRANSLATE_NOOP("sentence", "records {first} up to {size} left the live database[ by {actor}][ for {detail}]; SHA-256 of the segment {data_hash}")},
    SentenceTemplate{"log_verified", QT_TRANSLATE_NOOP("sentence", "the database was verified[ by {actor}], up to record {size}: {findings} findings; root {root}[; {detail}]")},
    SentenceTemplate{"denials_coalesced", QT_TRANSLATE_NOOP("sentence", "{denials} refusals in a flood[ to {actor}][: {request}][: {operation}][ for account {account}][ with UKEY {ukey}], from {first_at} to {last_at}[; {rule}][; the last: {detail}][; the key that was proved is {proven_key}]")},
    SentenceTemplate{"deed_signed", QT_TRANSLATE_NOOP("sentence", "[{detail}: ]signed with master-control UKEY {ukey}[ by {actor}]")},
    SentenceTemplate{"turned_away", QT_TRANSLATE_NOOP("sentence", "{denials} turned away[ ({rule})], from {first_at} to {last_at}[; the last: {actor}][: {detail}]")},
    SentenceTemplate{"station_proved", QT_TRANSLATE_NOOP("sentence", "UKEY {ukey} proved its station[ {station}] to a network encryption machine[ for {actor}]: SHA-256 of what it signed {data_hash}")},
    SentenceTemplate{"standby_began", QT_TRANSLATE_NOOP("sentence", "a standby can take over from {size} events on[: {detail}]")},
    SentenceTemplate{"standby_stopped", QT_TRANSLATE_NOOP("sentence", "the feed of the standby stopped: {reason}")},
    SentenceTemplate{"standby_resumed", QT_TRANSLATE_NOOP("sentence", "the feed of the standby goes on[: {detail}]")},
};
/// How audit::to_text ends the line of what was kept for a while before it was recorded.
constexpr const char* kHappened = QT_TRANSLATE_NOOP("sentence", "; it happened at {happened_at}");

struct Say {
    Q_DECLARE_TR_FUNCTIONS(sentence)
};

/// Nothing where a field is not there that stands outside of brackets: the service then says something else than this window knows. What is put in is never read as a template.
std::optional<QString> filled(const QString& form, const Json& fields, std::string_view type) {
    QString out;
    qsizetype optional_from = -1;  // where the part in brackets began in `out`
    bool absent = false;           // one of its fields is not there
    for (qsizetype i = 0; i < form.size(); ++i) {
        if (form[i] == u'[') {
            optional_from = out.size();
            absent = false;
        } else if (form[i] == u']') {
            if (absent) out.truncate(optional_from);
            optional_from = -1;
        } else if (form[i] == u'{') {
            const qsizetype end = form.indexOf(u'}', i);
            const std::string name = parts::bytes(form.mid(i + 1, end - i - 1));
            if (const auto at = fields.find(name); at != fields.end())
                out += value_words(name, *at, type);
            else if (optional_from < 0)
                return std::nullopt;
            else
                absent = true;
            i = end;
        } else {
            out += form[i];
        }
    }
    return out;
}

/// Nothing where there is none in the language of the window.
std::optional<QString> translated(const pb::AuditEvent& event) {
    const auto known = std::ranges::find(kTemplates, event.type(), &SentenceTemplate::type);
    if (known == kTemplates.end()) return std::nullopt;
    const QString form = Say::tr(known->text);
    if (form == QLatin1String(known->text)) return std::nullopt;
    const Json fields = Json::parse(event.json(), nullptr, false);
    if (!fields.is_object()) return std::nullopt;
    std::optional<QString> out = filled(form, fields, event.type());
    const auto at = fields.find("happened_at");
    if (out && at != fields.end() && event.time_ms() - moment_of(*at).value_or(event.time_ms()) >= base::kSecond) *out += filled(Say::tr(kHappened), fields, event.type()).value_or(QString());
    return out;
}

}  // namespace

QString sentence_of(const pb::AuditEvent& event) {
    QString out = translated(event).value_or(parts::text(event.text()));
    // A line is a line: what was typed over several is shown in the event's fields as it is.
    return out.replace(u'\n', u' ');
}

std::span<const SentenceTemplate> sentence_templates() { return kTemplates; }

}  // namespace ui::log
