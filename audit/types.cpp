#include "audit/types.h"

#include <string>

namespace audit {
namespace {

using T = EventType;
using F = Field;
using K = FieldKind;

constexpr std::array kFields{
    FieldInfo{F::actor, "actor", K::text},
    FieldInfo{F::uid, "uid", K::number},
    FieldInfo{F::pid, "pid", K::number},
    FieldInfo{F::session, "session", K::number},
    FieldInfo{F::holder, "holder", K::text},
    FieldInfo{F::happened_at, "happened_at", K::time},
    FieldInfo{F::request, "request", K::text},
    FieldInfo{F::ukey, "ukey", K::text},
    FieldInfo{F::ukey_kind, "ukey_kind", K::ukey_kind},
    FieldInfo{F::state_from, "state_from", K::ukey_state},
    FieldInfo{F::state_to, "state_to", K::ukey_state},
    FieldInfo{F::action, "action", K::ukey_action},
    FieldInfo{F::reader, "reader", K::text},
    FieldInfo{F::token_serial, "token_serial", K::text},
    FieldInfo{F::fingerprint, "fingerprint", K::digest},
    FieldInfo{F::public_key, "public_key", K::bytes},
    FieldInfo{F::certificate, "certificate", K::bytes},
    FieldInfo{F::classes, "classes", K::classes},
    FieldInfo{F::key_version, "key_version", K::number},
    FieldInfo{F::key_state, "key_state", K::key_state},
    FieldInfo{F::factory_wrapped, "factory_wrapped", K::flag},
    FieldInfo{F::recover, "recover", K::flag},
    FieldInfo{F::station, "station", K::text},
    FieldInfo{F::meter, "meter", K::meter},
    FieldInfo{F::customer, "customer", K::customer},
    FieldInfo{F::order_id, "order_id", K::uuid},
    FieldInfo{F::operation, "operation", K::operation},
    FieldInfo{F::amount, "amount", K::fen},
    FieldInfo{F::count, "count", K::number},
    FieldInfo{F::r2, "r2", K::bytes},
    FieldInfo{F::content_hash, "content_hash", K::digest},
    FieldInfo{F::command, "command", K::relay},
    FieldInfo{F::genuine, "genuine", K::flag},
    FieldInfo{F::known_count, "known_count", K::number},
    FieldInfo{F::data_hash, "data_hash", K::digest},
    FieldInfo{F::data_size, "data_size", K::number},
    FieldInfo{F::grant_number, "grant_number", K::number},
    FieldInfo{F::grant, "grant", K::bytes},
    FieldInfo{F::signature, "signature", K::bytes},
    FieldInfo{F::rule, "rule", K::text},
    FieldInfo{F::reason, "reason", K::text},
    FieldInfo{F::code, "code", K::text},
    FieldInfo{F::outcome, "outcome", K::outcome},
    FieldInfo{F::intent, "intent", K::number},
    FieldInfo{F::not_after, "not_after", K::time},
    FieldInfo{F::wrong_pins, "wrong_pins", K::number},
    FieldInfo{F::size, "size", K::number},
    FieldInfo{F::root, "root", K::digest},
    FieldInfo{F::first, "first", K::number},
    FieldInfo{F::origin, "origin", K::text},
    FieldInfo{F::utility, "utility", K::text},
    FieldInfo{F::day_offset, "day_offset", K::day_offset},
    FieldInfo{F::trust_anchor, "trust_anchor", K::bytes},
    FieldInfo{F::checkpoint_key, "checkpoint_key", K::bytes},
    FieldInfo{F::version, "version", K::text},
    FieldInfo{F::note, "note", K::text},
    FieldInfo{F::detail, "detail", K::text},
    FieldInfo{F::previous, "previous", K::time},
    FieldInfo{F::crl_number, "crl_number", K::number},
    FieldInfo{F::quorum, "quorum", K::bytes},
    FieldInfo{F::request_number, "request_number", K::number},
    FieldInfo{F::statement, "statement", K::bytes},
    FieldInfo{F::agrees, "agrees", K::flag},
    FieldInfo{F::officer, "officer", K::text},
    FieldInfo{F::account, "account", K::text},
    FieldInfo{F::account_statement, "account_statement", K::bytes},
    FieldInfo{F::account_change, "account_change", K::account_change},
    FieldInfo{F::attended, "attended", K::flag},
    FieldInfo{F::order_kind, "order_kind", K::order_kind},
    FieldInfo{F::channel, "channel", K::channel},
    FieldInfo{F::card, "card", K::bytes},
    FieldInfo{F::handover, "handover", K::bytes},
    FieldInfo{F::file, "file", K::number},
    FieldInfo{F::offset, "offset", K::number},
    FieldInfo{F::data, "data", K::bytes},
    FieldInfo{F::erase, "erase", K::flag},
    FieldInfo{F::usage, "usage", K::number},
    FieldInfo{F::identifier, "identifier", K::identifier},
    FieldInfo{F::encrypted, "encrypted", K::flag},
    FieldInfo{F::minutes, "minutes", K::number},
    FieldInfo{F::contradiction, "contradiction", K::text},
    FieldInfo{F::tariffs_now, "tariffs_now", K::bytes},
    FieldInfo{F::tariffs_to_come, "tariffs_to_come", K::bytes},
    FieldInfo{F::denials, "denials", K::number},
    FieldInfo{F::first_at, "first_at", K::time},
    FieldInfo{F::last_at, "last_at", K::time},
    FieldInfo{F::proven_by, "proven_by", K::text},
    FieldInfo{F::proven_key, "proven_key", K::digest},
    FieldInfo{F::made_at, "made_at", K::time},
    FieldInfo{F::order_index, "order_index", K::number},
    FieldInfo{F::charged, "charged", K::text},
    FieldInfo{F::witness, "witness", K::text},
    FieldInfo{F::days, "days", K::number},
    FieldInfo{F::keep_days, "keep_days", K::number},
    FieldInfo{F::findings, "findings", K::number},
    FieldInfo{F::recipients, "recipients", K::text},
    FieldInfo{F::deed, "deed", K::number},
    FieldInfo{F::rules, "rules", K::number},
};

/// What every event may say about who asked, through what, and why.
constexpr FieldSet kCommon(F::actor, F::uid, F::pid, F::session, F::happened_at, F::request, F::ukey, F::reader, F::station, F::reason, F::detail, F::account);

/// What an order, its repetition and its refusal may say.
constexpr FieldSet kOrder(F::order_id, F::operation, F::meter, F::customer, F::amount, F::count, F::r2, F::content_hash, F::grant_number, F::key_version, F::order_kind, F::channel, F::card, F::file,
                          F::data, F::tariffs_now, F::tariffs_to_come);

/// By whose word it was done: a request that officers agreed to, or what the holder of the master-control UKEY signed.
constexpr FieldSet kByWord(F::request_number, F::deed);

constexpr TypeInfo type(T t, std::string_view name, FieldSet required, FieldSet more, std::string_view sentence) {
    return {t, name, required, required.with(more).with(kCommon), sentence};
}

constexpr std::array kTypes{
    type(T::genesis, "genesis", FieldSet(F::origin, F::utility, F::day_offset, F::trust_anchor, F::checkpoint_key),
         FieldSet(F::version, F::fingerprint, F::certificate, F::token_serial, F::quorum, F::signature, F::rules),
         "the log of {utility} begins, as {origin}; its day starts {day_offset} from UTC[; platform UKEY {ukey}]"),
    type(T::service_started, "service_started", FieldSet(F::version), FieldSet(F::note, F::rules), "the service started, version {version}[: {detail}]"),
    type(T::service_stopped, "service_stopped", FieldSet(), FieldSet(F::note, F::code), "the service stopped[: {detail}]"),
    type(T::unsealed, "unsealed", FieldSet(), FieldSet(F::note), "the service was unsealed[ by {actor}][: {detail}]"),
    type(T::sealed, "sealed", FieldSet(), FieldSet(F::note), "the service was sealed[ by {actor}][: {reason}]"),
    type(T::recovery, "recovery", FieldSet(), FieldSet(F::note, F::size, F::outcome, F::intent), "recovery at the start[: {detail}][; {note}]"),
    type(T::clock_jump, "clock_jump", FieldSet(F::previous), FieldSet(F::note), "the clock jumped; before, it said {previous}[: {detail}]"),
    type(T::configuration, "configuration", FieldSet(F::note), FieldSet(F::data_hash).with(kByWord), "configuration[ changed by {actor}]: {note}"),
    type(T::host_failed, "host_failed", FieldSet(), FieldSet(F::code, F::token_serial), "the token host[ of UKEY {ukey}][ in reader {reader}] failed[: {detail}][ ({code})]"),

    type(T::pin_failed, "pin_failed", FieldSet(), FieldSet(F::wrong_pins, F::ukey_kind), "a wrong PIN[ for UKEY {ukey}][, account {account}][, {wrong_pins} in a row][ by {actor}]"),
    type(T::pin_locked, "pin_locked", FieldSet(F::ukey), FieldSet(F::wrong_pins, F::ukey_kind), "UKEY {ukey} is locked after[ {wrong_pins}] wrong PINs"),

    type(T::pin_changed, "pin_changed", FieldSet(F::ukey), FieldSet(F::ukey_kind, F::officer, F::intent).with(kByWord), "the PIN of UKEY {ukey} was changed[ by {actor}][: {detail}]"),
    type(T::copy_suspected, "copy_suspected", FieldSet(F::ukey), FieldSet(F::ukey_kind, F::code), "UKEY {ukey}[ in reader {reader}] looks like a copy[: {detail}]"),

    type(T::ukey_inserted, "ukey_inserted", FieldSet(), FieldSet(F::token_serial, F::ukey_kind), "[UKEY {ukey} ]appeared[ in reader {reader}][: {detail}]"),
    type(T::ukey_removed, "ukey_removed", FieldSet(), FieldSet(F::token_serial, F::ukey_kind), "[UKEY {ukey} ]was taken[ out of reader {reader}][: {detail}]"),
    type(T::ukey_initialised, "ukey_initialised", FieldSet(F::ukey, F::ukey_kind), FieldSet(F::token_serial, F::intent).with(kByWord), "UKEY {ukey} was initialised as {ukey_kind}[ on token {token_serial}][ by {actor}]"),
    type(T::ukey_issued, "ukey_issued", FieldSet(F::ukey, F::ukey_kind),
         FieldSet(F::holder, F::token_serial, F::fingerprint, F::public_key, F::certificate, F::not_after, F::classes, F::key_version, F::intent, F::signature).with(kByWord),
         "UKEY {ukey} was issued as {ukey_kind}[ to {holder}][ for station {station}][, valid until {not_after}][ by {actor}]"),
    type(T::ukey_state_changed, "ukey_state_changed", FieldSet(F::ukey, F::action, F::state_from, F::state_to),
         FieldSet(F::ukey_kind, F::signature, F::fingerprint, F::certificate, F::not_after, F::intent, F::officer).with(kByWord),
         "UKEY {ukey}: {action}, from {state_from} to {state_to}[ by {actor}][: {reason}]"),
    type(T::grant_set, "grant_set", FieldSet(F::ukey, F::grant_number, F::grant), FieldSet(F::signature, F::intent, F::officer).with(kByWord), "grant {grant_number} of UKEY {ukey} was set[ by officer {officer}][ by {actor}]: {grant}"),
    type(T::masters_injected, "masters_injected", FieldSet(F::ukey, F::classes), FieldSet(F::key_version, F::key_state, F::fingerprint, F::intent).with(kByWord),
         "UKEY {ukey} received the masters of {classes}[, version {key_version}][, {key_state}]"),

    type(T::keys_rotated, "keys_rotated", FieldSet(F::classes, F::key_version), kByWord, "the masters of {classes} have a version {key_version} from now on[ ({reason})]"),
    type(T::keys_destroyed, "keys_destroyed", FieldSet(F::classes, F::key_version), FieldSet(F::count).with(kByWord),
         "version {key_version} of the keys was ended: masters of {classes} were destroyed[: {detail}][; {count} meters still had it][ ({reason})]"),

    type(T::account_set, "account_set", FieldSet(F::ukey, F::signature, F::account, F::account_statement), FieldSet(F::holder, F::not_after).with(kByWord),
         "account {account} was set[ for {holder}] with UKEY {ukey}[, valid until {not_after}][ by {actor}]"),
    type(T::account_state_changed, "account_state_changed", FieldSet(F::account, F::account_change), FieldSet(F::signature, F::wrong_pins, F::officer).with(kByWord),
         "account {account}: {account_change}[ by officer {officer}][ by {actor}][: {reason}][; {detail}]"),
    type(T::ukey_attended, "ukey_attended", FieldSet(F::ukey, F::attended), FieldSet(), "the PIN of UKEY {ukey} is kept, so that it opens by itself: {attended}[ by {actor}][: {detail}]"),

    type(T::ukey_renewed, "ukey_renewed", FieldSet(F::ukey, F::not_after), FieldSet(F::ukey_kind, F::fingerprint, F::certificate, F::intent).with(kByWord), "UKEY {ukey} was renewed until {not_after}[ by {actor}]"),

    type(T::intent_opened, "intent_opened", FieldSet(), FieldSet(F::action, F::ukey_kind, F::token_serial, F::holder, F::meter, F::classes, F::key_version, F::note),
         "about to[ {action}][ UKEY {ukey}][ in reader {reader}][: {detail}]"),
    type(T::intent_concluded, "intent_concluded", FieldSet(F::intent, F::outcome), FieldSet(F::action, F::code, F::note), "what record {intent} was about to do is {outcome}[: {detail}]"),
    type(T::ceremony_minutes, "ceremony_minutes", FieldSet(F::note), FieldSet(F::intent).with(kByWord), "minutes of a ceremony: {note}"),

    type(T::quorum_set, "quorum_set", FieldSet(F::quorum, F::signature), kByWord, "the officers[ are {detail}][ ({reason})]"),
    type(T::request_made, "request_made", FieldSet(F::request_number, F::statement), FieldSet(F::not_after), "request {request_number} was made[ by {actor}][: {detail}][; good until {not_after}]"),
    type(T::request_voted, "request_voted", FieldSet(F::request_number, F::ukey, F::agrees, F::signature), FieldSet(F::holder),
         "officer {ukey}[ ({holder})] judged request {request_number}; agrees: {agrees}"),
    type(T::request_closed, "request_closed", FieldSet(F::request_number, F::outcome), FieldSet(F::code), "request {request_number} was run: {outcome}[: {detail}]"),
    type(T::master_added, "master_added", FieldSet(F::ukey, F::certificate), FieldSet(F::intent).with(kByWord), "UKEY {ukey} is a further master-control UKEY[ by {actor}][: {reason}]"),
    type(T::platform_replaced, "platform_replaced", FieldSet(F::ukey, F::certificate, F::checkpoint_key, F::size, F::root, F::signature), FieldSet(F::handover, F::intent).with(kByWord),
         "UKEY {ukey} is the platform UKEY from here on[ by {actor}][: {reason}]"),
    type(T::backup_made, "backup_made", FieldSet(F::size, F::data_hash), FieldSet(F::data_size).with(kByWord), "a backup of {size} events was made[ by {actor}][: {detail}]; SHA-256 {data_hash}"),
    type(T::restored, "restored", FieldSet(F::size, F::data_hash), kByWord, "the log was restored from a backup of {size} events[ by {actor}][: {detail}]; SHA-256 {data_hash}"),

    type(T::session_opened, "session_opened", FieldSet(F::session), FieldSet(F::ukey_kind, F::grant_number, F::holder, F::proven_by, F::proven_key),
         "session {session} opened[ for account {account}][ with UKEY {ukey}][ for station {station}][ by {actor}][; proved by {proven_by}][ {proven_key}]"),
    type(T::session_refused, "session_refused", FieldSet(), FieldSet(F::code, F::rule, F::ukey_kind, F::proven_key),
         "a session[ for account {account}][ with UKEY {ukey}][ by {actor}] was refused[: {detail}][ ({rule})][; the key that was proved is {proven_key}]"),
    type(T::session_closed, "session_closed", FieldSet(F::session), FieldSet(F::code), "session {session} closed[: {reason}]"),
    type(T::denied, "denied", FieldSet(), kOrder.with(FieldSet(F::rule, F::code, F::command, F::ukey_kind, F::action, F::data_size, F::identifier, F::request_number, F::holder)),
         "refused[ to {actor}][: {request}][: {operation}][ for meter {meter}][ with UKEY {ukey}][; {rule}][; {detail}]"),

    type(T::station_held, "station_held", FieldSet(F::station, F::count, F::amount, F::minutes), FieldSet(F::grant_number), "station {station} is held: {count} orders of {amount} yuan within {minutes} minutes[, with UKEY {ukey}]"),
    type(T::station_released, "station_released", FieldSet(F::station, F::reason), FieldSet(F::signature, F::officer), "station {station} may sell again[: {reason}][; by officer {officer}][; by {actor}]"),

    type(T::meter_authenticated, "meter_authenticated", FieldSet(F::ukey, F::meter), FieldSet(F::key_state, F::key_version, F::grant_number),
         "identity authentication for meter {meter} with UKEY {ukey}[, {key_state} keys][ version {key_version}]"),
    type(T::order, "order", FieldSet(F::ukey, F::station, F::order_id, F::operation, F::meter, F::amount, F::count, F::content_hash, F::grant_number), kOrder,
         "order {order_id}: {operation}[ ({order_kind})] of {amount} yuan for meter {meter}[ of customer {customer}], purchase count {count}, by station {station} with UKEY {ukey}[, by {channel}][ {card}]"),
    type(T::order_repeated, "order_repeated", FieldSet(F::station, F::order_id), kOrder, "order {order_id} of station {station} was answered again; nothing was charged[ (meter {meter}, purchase count {count})][; file {file}][ of card {card}]"),
    type(T::order_refused, "order_refused", FieldSet(), kOrder.with(FieldSet(F::rule, F::code)),
         "an order was refused[: {order_id}][, {operation}][ ({order_kind})][ of {amount} yuan][ by {channel}][ for meter {meter}][ by station {station}][; {rule}][; {detail}]"),
    type(T::status_checked, "status_checked", FieldSet(F::meter, F::genuine), FieldSet(F::customer, F::amount, F::count, F::known_count, F::key_state, F::key_version, F::grant_number, F::contradiction),
         "status of meter {meter}: the answer is genuine: {genuine}[, balance {amount} yuan][, purchase count {count}][, known {known_count}][; it contradicts the log: {contradiction}]"),
    type(T::relay_command, "relay_command", FieldSet(F::ukey, F::meter, F::command), FieldSet(F::r2, F::key_version, F::not_after, F::grant_number), "relay of meter {meter}: {command}[ by station {station}] with UKEY {ukey}"),
    type(T::keys_sent, "keys_sent", FieldSet(F::ukey, F::meter, F::recover, F::key_version), FieldSet(F::factory_wrapped, F::key_state, F::classes, F::r2, F::grant_number, F::intent),
         "keys of version {key_version} were sent to meter {meter} with UKEY {ukey}; back to the factory set: {recover}[; under the factory keys: {factory_wrapped}]"),
    type(T::keys_loaded, "keys_loaded", FieldSet(F::meter, F::outcome), FieldSet(F::recover, F::key_version, F::key_state, F::intent), "meter {meter} and its new keys: {outcome}[: {detail}]"),
    type(T::download_allowed, "download_allowed", FieldSet(F::meter, F::reason, F::not_after), kByWord,
         "meter {meter} may be given its private keys once more under the factory keys, until {not_after} ({reason})[, as officers agreed to in request {request_number}][; by {actor}]"),
    type(T::validity_set, "validity_set", FieldSet(F::ukey, F::meter, F::minutes), FieldSet(F::r2, F::key_version, F::grant_number),
         "an authentication of meter {meter} holds for {minutes} minutes[ by station {station}] with UKEY {ukey}"),
    type(T::parameter_written, "parameter_written", FieldSet(F::ukey, F::meter, F::identifier, F::data), FieldSet(F::encrypted, F::r2, F::key_version, F::grant_number),
         "parameter {identifier} of meter {meter} was made for writing: {data}[; encrypted: {encrypted}][, by station {station}] with UKEY {ukey}"),
    type(T::read_back_checked, "read_back_checked", FieldSet(F::meter, F::genuine), FieldSet(F::data, F::key_version, F::grant_number), "read-back of meter {meter}: it is genuine: {genuine}[: {data}]"),
    type(T::card_authenticated, "card_authenticated", FieldSet(F::ukey, F::meter, F::card, F::genuine), FieldSet(F::key_state, F::key_version, F::grant_number),
         "card {card} of meter {meter} was authenticated with UKEY {ukey}; it is genuine: {genuine}[, {key_state} keys][ version {key_version}]"),
    type(T::card_key_written, "card_key_written", FieldSet(F::ukey, F::meter, F::card, F::usage, F::erase), FieldSet(F::key_version, F::grant_number),
         "key {usage} of card {card} was made for meter {meter} with UKEY {ukey}; back to the factory set: {erase}[; version {key_version}]"),
    type(T::card_written, "card_written", FieldSet(F::ukey, F::meter, F::card, F::file), FieldSet(F::offset, F::data, F::key_version, F::grant_number),
         "file {file} of card {card} of meter {meter} was made for writing with UKEY {ukey}[, from byte {offset} on][: {data}]"),
    type(T::card_reported, "card_reported", FieldSet(F::meter, F::card, F::file, F::genuine), FieldSet(F::offset, F::data, F::customer, F::amount, F::count, F::known_count, F::contradiction, F::key_version, F::grant_number),
         "file {file} of card {card} of meter {meter} was reported; it is genuine: {genuine}[, balance {amount} yuan][, purchase count {count}][, known {known_count}][; it contradicts the log: {contradiction}]"),

    type(T::order_voided, "order_voided", FieldSet(F::ukey, F::station, F::order_id, F::operation, F::meter, F::amount, F::count, F::made_at, F::order_index), kOrder.with(FieldSet(F::charged)),
         "order {order_id} was voided, as meter {meter} never credited it: {operation}[ ({order_kind})] of {amount} yuan[ of customer {customer}] made on {made_at}[ by {channel}][ {card}]; purchase count {count} is free again, and UKEY {ukey} asked for it[; it was charged to UKEY {charged}]"),
    type(T::void_begun, "void_begun", FieldSet(F::station, F::order_id, F::meter), kOrder.with(FieldSet(F::rule)), "station {station} wants to void order {order_id} of meter {meter}[: {detail}]"),

    type(T::data_signed, "data_signed", FieldSet(F::ukey, F::data_hash), FieldSet(F::data_size, F::grant_number), "data were signed with UKEY {ukey}: SHA-256 {data_hash}[, {data_size} bytes]"),
    type(T::random_drawn, "random_drawn", FieldSet(F::data_size), FieldSet(F::grant_number), "{data_size} random bytes were drawn[ with UKEY {ukey}]"),

    type(T::data_verified, "data_verified", FieldSet(F::data_hash, F::genuine), FieldSet(F::data_size, F::grant_number), "a signature was checked[ with UKEY {ukey}]: SHA-256 {data_hash}; it is genuine: {genuine}"),
    type(T::data_encrypted, "data_encrypted", FieldSet(F::ukey, F::data_size), FieldSet(F::data_hash, F::grant_number), "{data_size} bytes were encrypted with UKEY {ukey}"),
    type(T::data_decrypted, "data_decrypted", FieldSet(F::ukey, F::data_size, F::data_hash), FieldSet(F::grant_number), "{data_size} bytes were decrypted with UKEY {ukey}: SHA-256 of what was sealed {data_hash}"),
    type(T::data_authenticated, "data_authenticated", FieldSet(F::ukey, F::data_hash), FieldSet(F::data_size, F::grant_number), "a MAC was made with UKEY {ukey}: SHA-256 {data_hash}[, {data_size} bytes]"),
    type(T::keys_shown, "keys_shown", FieldSet(F::ukey), FieldSet(F::grant_number), "the public keys of UKEY {ukey} were shown[ to {actor}]"),
    type(T::certificate_requested, "certificate_requested", FieldSet(F::ukey, F::data_hash), FieldSet(F::grant_number), "a certificate request of UKEY {ukey} was signed: SHA-256 {data_hash}"),

    type(T::checkpoint_signed, "checkpoint_signed", FieldSet(F::size, F::root), FieldSet(F::note), "a checkpoint was signed over {size} records: root {root}"),
    type(T::crl_issued, "crl_issued", FieldSet(F::crl_number), FieldSet(F::data_hash, F::count, F::not_after).with(kByWord), "revocation list {crl_number} was issued[, {count} entries]"),
    type(T::export_made, "export_made", FieldSet(F::first, F::size), FieldSet(F::recipients), "records {first} up to {size} were exported[ by {actor}][, for {recipients} alone]"),
    type(T::witness_answered, "witness_answered", FieldSet(F::witness, F::size), FieldSet(), "checkpoints get to {witness}, up to that over {size} records[: {detail}]"),
    type(T::checkpoint_held_up, "checkpoint_held_up", FieldSet(F::witness), FieldSet(F::size, F::code), "the checkpoint[ over {size} records] did not get to {witness}[: {detail}]"),
    type(T::checkpoint_witnessed, "checkpoint_witnessed", FieldSet(F::origin, F::size, F::root), FieldSet(), "a checkpoint of the log {origin} over {size} records was cosigned: root {root}"),
    type(T::retention_set, "retention_set", FieldSet(F::days, F::keep_days), FieldSet(F::signature, F::statement).with(kByWord),
         "events stay in the live database for {days} days, and archive segments for {keep_days}[ by {actor}][: {reason}]"),
    type(T::archived, "archived", FieldSet(F::first, F::size, F::data_hash), FieldSet(F::data_size, F::recipients), "records {first} up to {size} left the live database[ by {actor}][ for {detail}]; SHA-256 of the segment {data_hash}"),
    type(T::log_verified, "log_verified", FieldSet(F::size, F::root, F::findings), FieldSet(), "the database was verified[ by {actor}], up to record {size}: {findings} findings; root {root}[; {detail}]"),

    type(T::denials_coalesced, "denials_coalesced", FieldSet(F::denials, F::first_at, F::last_at), FieldSet(F::rule, F::code, F::operation, F::proven_key),
         "{denials} refusals in a flood[ to {actor}][: {request}][: {operation}][ for account {account}][ with UKEY {ukey}], from {first_at} to {last_at}[; {rule}][; the last: {detail}][; the key that was proved is {proven_key}]"),
    type(T::deed_signed, "deed_signed", FieldSet(F::ukey, F::signature, F::statement), FieldSet(), "[{detail}: ]signed with master-control UKEY {ukey}[ by {actor}]"),
    type(T::turned_away, "turned_away", FieldSet(F::denials, F::first_at, F::last_at), FieldSet(F::rule, F::code), "{denials} turned away[ ({rule})], from {first_at} to {last_at}[; the last: {actor}][: {detail}]"),
    type(T::station_proved, "station_proved", FieldSet(F::ukey, F::data_hash), FieldSet(F::grant_number), "UKEY {ukey} proved its station[ {station}] to a network encryption machine[ for {actor}]: SHA-256 of what it signed {data_hash}"),
    type(T::standby_began, "standby_began", FieldSet(F::size), FieldSet(), "a standby can take over from {size} events on[: {detail}]"),
    type(T::standby_stopped, "standby_stopped", FieldSet(F::reason), FieldSet(), "the feed of the standby stopped: {reason}"),
    type(T::standby_resumed, "standby_resumed", FieldSet(), FieldSet(), "the feed of the standby goes on[: {detail}]"),
};

constexpr std::uint8_t kNone = 0xFF;

constexpr auto kTypeAt = [] {
    std::array<std::uint8_t, kTypeLimit> at{};
    at.fill(kNone);
    for (std::size_t i = 0; i < kTypes.size(); ++i) at[static_cast<std::size_t>(kTypes[i].type)] = static_cast<std::uint8_t>(i);
    return at;
}();
constexpr auto kFieldAt = [] {
    std::array<std::uint8_t, kFieldLimit> at{};
    at.fill(kNone);
    for (std::size_t i = 0; i < kFields.size(); ++i) at[static_cast<std::size_t>(kFields[i].field)] = static_cast<std::uint8_t>(i);
    return at;
}();

}  // namespace

std::span<const TypeInfo> all_types() noexcept { return kTypes; }
std::span<const FieldInfo> all_fields() noexcept { return kFields; }

const TypeInfo* find_type(std::uint16_t number) noexcept {
    if (number >= kTypeLimit || kTypeAt[number] == kNone) return nullptr;
    return &kTypes[kTypeAt[number]];
}

const FieldInfo* find_field(std::uint8_t number) noexcept {
    if (number >= kFieldLimit || kFieldAt[number] == kNone) return nullptr;
    return &kFields[kFieldAt[number]];
}

base::Result<EventType> parse_event_type(std::string_view text) {
    for (const TypeInfo& info : kTypes)
        if (info.name == text) return info.type;
    return {base::Code::invalid_argument, "'" + std::string(text.substr(0, 40)) + "' is not a type of event; docs/AUDIT_EVENTS.md names them"};
}

std::string_view name(EventType t) noexcept {
    const TypeInfo* info = find_type(static_cast<std::uint16_t>(t));
    return info == nullptr ? "?" : info->name;
}

std::string_view name(Field f) noexcept {
    const FieldInfo* info = find_field(static_cast<std::uint8_t>(f));
    return info == nullptr ? "?" : info->name;
}

std::string_view name(Channel channel) noexcept { return channel == Channel::card ? "card" : "remote"; }

std::string_view name(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::done: return "done";
        case Outcome::undone: return "undone";
        case Outcome::unknown: return "unknown";
    }
    return "?";
}

}  // namespace audit
