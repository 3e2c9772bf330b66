#include "kmp/service/authority.h"

#include <algorithm>

#include "kmp/service/job.h"
#include "kmp/service/recovery.h"
#include "kmp/service/sealing.h"
#include "kmp/service/wrong_pin.h"
#include "pki/encryption.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using base::Code;

/// The first byte of a sealed SO PIN: where it is kept.
constexpr std::uint8_t kInVault = 1;
constexpr std::uint8_t kByQuorum = 2;

constexpr std::string_view kFormerContext = "kmp/v1/former-secret";

std::string so_pin_context(const base::UkeySerial& serial) { return std::string("kmp/v1/so-pin\0", 14) + serial.text(); }

/// The SO PIN of a master-control UKEY since its officers changed: like its PIN it follows their secret, so that what former officers had sealed
/// opens nothing any more.
base::Secret master_so_pin(const base::Secret& quorum_secret, const base::UkeySerial& master) {
    return tokens::as_token_pin(tokens::derive_from_quorum_secret(quorum_secret, "master-so-pin", master.text()));
}

bool split_among_officers(model::UkeyKind kind) noexcept {
    return kind == model::UkeyKind::master_control || kind == model::UkeyKind::officer || kind == model::UkeyKind::key;
}

struct Found {
    tokens::UkeyRecord record;
    tokens::Slot slot;
};

/// Those in service that are plugged in, the one to take first: of several the first one, which certifies; but one whose vault lacks a version
/// stands back. Never empty.
base::Result<std::vector<Found>> find_masters(Job& job, Books& books) {
    return job.service.on_io([&]() -> base::Result<std::vector<Found>> {
        std::optional<base::Error> missing;
        std::vector<Found> out;
        for (const tokens::UkeyRecord* record : books.registry.all()) {
            if (record->kind != model::UkeyKind::master_control || record->state != model::UkeyState::issued) continue;
            auto slot = job.service.bay().by_serial(record->serial);
            if (!slot && !missing) missing = std::move(slot).error().in("the master-control UKEY " + record->serial.text() + " is needed");
            if (slot) out.push_back({*record, std::move(*slot)});
        }
        if (out.empty() && missing) return *missing;
        if (out.empty()) return {Code::refused, "no master-control UKEY is in service; one that is blocked must be unblocked first"};
        const base::UkeySerial& first = books.house.anchor.subject().ukey;
        std::ranges::stable_sort(out, std::greater{}, [&](const Found& f) { return std::pair(f.record.masters.size(), f.record.serial == first); });
        return out;
    });
}

base::Result<base::Secret> open_former_secret(const base::Secret& secret, base::ByteView former) {
    return unseal(tokens::derive_from_quorum_secret(secret, "former", ""), kFormerContext, former);
}

base::Result<base::UkeySerial> which_officer(Job& job, const std::string& asked) {
    if (!asked.empty()) return base::UkeySerial::parse(asked);
    const auto found = job.service.on_io([&] { return job.service.plugged_in([](const tokens::UkeyRecord& r) { return r.kind == model::UkeyKind::officer; }); });
    if (found.size() > 1) return {Code::invalid_argument, "officer: several officer UKEYs are plugged in; name yours with --officer SERIAL"};
    if (found.empty()) return {Code::token_removed, "officer: no officer UKEY is plugged in; insert yours"};
    return found.front();
}

}  // namespace

base::Result<tokens::Token> platform_token(Job& job, const Books& books) {
    const base::UkeySerial& platform = books.house.platform;
    KMP_TRY(const tokens::Slot slot, job.service.on_io([&] { return job.service.bay().by_serial(platform); }));
    return tokens::Token(slot.channel, "platform UKEY " + platform.text());
}

// ---- shares ---------------------------------------------------------------------------------------------------------

base::Result<base::Bytes> encrypt_share(const tokens::Share& share, std::uint32_t generation, base::ByteView transport_spki) {
    const std::string prefix("kmp/v1/share\0", 13);
    base::Secret plain(prefix.size() + 5 + share.value.size());
    plain.fill([&](std::span<std::uint8_t> out) {
        auto at = std::copy(prefix.begin(), prefix.end(), out.begin());
        for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<std::uint8_t>(generation >> shift);
        *at++ = share.place;
        share.value.reveal([&](base::ByteView v) { std::copy(v.begin(), v.end(), at); });
    });
    return pki::encrypt_to(transport_spki, plain);
}

// ---- PINs -----------------------------------------------------------------------------------------------------------

base::Secret quorum_pin(const base::Secret& quorum_secret, const base::UkeySerial& master) {
    return tokens::as_token_pin(tokens::derive_from_quorum_secret(quorum_secret, "master-pin", master.text()));
}

base::Result<base::Bytes> seal_so_pin_for_quorum(const base::Secret& quorum_secret, const base::UkeySerial& serial, const base::Secret& so_pin) {
    const base::Secret key = tokens::derive_from_quorum_secret(quorum_secret, "so-pin", serial.text());
    KMP_TRY(base::Bytes sealed, seal(key, so_pin_context(serial), so_pin));
    sealed.insert(sealed.begin(), kByQuorum);
    return sealed;
}

base::Result<base::Bytes> seal_so_pin_in_vault(tokens::Token& master, const base::UkeySerial& serial, const base::Secret& so_pin) {
    KMP_TRY(base::Bytes sealed, master.seal_so_pin(serial, so_pin));
    sealed.insert(sealed.begin(), kInVault);
    return sealed;
}

base::Status log_in_counted(Job& job, Books& books, tokens::Token& token, const tokens::UkeyRecord& record, base::Secret token_pin) {
    base::Status opened = token.login(std::move(token_pin));
    if (!opened && opened.error().code == Code::wrong_pin) {
        KMP_TRY(WrongPin wrong, job.service.on_io([&] { return count_wrong_pin(job.service, books, record.serial, job.peer); }));
        KMP_CHECK(books.writer->write(std::move(wrong.entry)));
        return std::move(wrong.answer);
    }
    KMP_CHECK(std::move(opened));
    if (auto entry = job.service.on_io([&] { return forget_wrong_pins(books, record.serial); })) KMP_CHECK(books.writer->write(std::move(*entry)));
    return {};
}

// ---- the master-control UKEY ----------------------------------------------------------------------------------------

base::Status MasterUkey::check_present(Job& job, Books& books) {
    const auto found = find_masters(job, books);
    return found ? base::Status() : base::Status(found.error());
}

base::Result<std::unique_ptr<MasterUkey>> MasterUkey::open(Job& job, Books& books, const base::UkeySerial& wanted) {
    if (books.quorum() != nullptr) return {Code::refused, "this takes the master-control UKEY, which opens by its officers' shares and not by a PIN"};
    KMP_TRY(const std::vector<Found> all, find_masters(job, books));
    const auto asked = std::ranges::find(all, wanted, [](const Found& f) { return f.record.serial; });
    const Found& found = asked == all.end() ? all.front() : *asked;
    if (found.record.wrong_pins >= tokens::kMaxWrongPins)
        return {Code::pin_locked, "master-control UKEY " + found.record.serial.text() + " is blocked after 10 wrong PINs"};
    KMP_TRY(const base::Secret pin, job.take_pin("master"));
    KMP_TRY(const base::Secret stretched, tokens::stretch(pin, found.record.salt));
    std::unique_ptr<MasterUkey> master(new MasterUkey(tokens::Token(found.slot.channel, "master-control UKEY " + found.record.serial.text()), found.record, {}));
    KMP_CHECK(log_in_counted(job, books, master->token_, found.record, tokens::as_token_pin(stretched)));
    return master;
}

base::Result<base::Secret> log_in_by_quorum(tokens::Token& token, const base::UkeySerial& master, const std::vector<tokens::SignedQuorum>& quorums, const base::Secret& today) {
    base::Secret secret = today.duplicate();
    base::Status opened = token.login(quorum_pin(secret, master));
    for (auto q = quorums.rbegin(); !opened && opened.error().code == Code::wrong_pin && q != quorums.rend() && !q->former.empty(); ++q) {
        KMP_TRY(secret, open_former_secret(secret, q->former));
        opened = token.login(quorum_pin(secret, master));
    }
    if (opened) return secret;
    if (opened.error().code != Code::wrong_pin) return std::move(opened).error();
    return {Code::refused, "master-control UKEY " + master.text() + " does not open with what its officers gave: it follows officers that this database does not know; restore the newest database"};
}

base::Result<std::unique_ptr<MasterUkey>> MasterUkey::open_with(Job& job, Books& books, const tokens::UkeyRecord& record, const tokens::Slot& slot, base::Secret quorum_secret) {
    std::unique_ptr<MasterUkey> master(new MasterUkey(tokens::Token(slot.channel, "master-control UKEY " + record.serial.text()), record, {}));
    KMP_TRY(master->quorum_secret_, log_in_by_quorum(master->token_, record.serial, books.quorums, quorum_secret));
    if (!master->quorum_secret_.equals(quorum_secret)) {
        // What the officers of before had opens it, and no longer.
        KMP_CHECK(master->follow(job, books, std::move(quorum_secret)));
    } else if (record.pin_generation != books.quorum()->quorum.generation) {
        // A change of officers that broke off between the token and the database.
        KMP_CHECK(master->change_so_pin(quorum_secret));
        KMP_CHECK(master->token_.login(quorum_pin(quorum_secret, record.serial)));
        KMP_CHECK(master->note_generation(job, books));
    }
    return master;
}

base::Result<std::unique_ptr<MasterUkey>> MasterUkey::open(Job& job, Books& books, base::Secret quorum_secret) {
    KMP_TRY(const std::vector<Found> all, find_masters(job, books));
    KMP_TRY(auto master, open_with(job, books, all.front().record, all.front().slot, std::move(quorum_secret)));
    // The others are followed up while they are at hand; one that does not open now is tried again next time.
    for (const Found& f : all)
        if (f.record.serial != master->record_.serial && f.record.pin_generation != books.quorum()->quorum.generation) (void)open_with(job, books, f.record, f.slot, master->quorum_secret_.duplicate());
    return master;
}

std::vector<std::unique_ptr<MasterUkey>> MasterUkey::open_others(Job& job, Books& books) const {
    std::vector<std::unique_ptr<MasterUkey>> out;
    if (!by_quorum()) return out;
    const auto all = find_masters(job, books);
    if (!all) return out;
    for (const Found& f : *all) {
        if (f.record.serial == record_.serial) continue;
        if (auto other = open_with(job, books, f.record, f.slot, quorum_secret_.duplicate())) out.push_back(std::move(*other));
    }
    return out;
}

base::Status MasterUkey::note_generation(Job& job, Books& books) {
    const std::uint32_t generation = books.quorum()->quorum.generation;
    audit::Event changed(audit::EventType::pin_changed);
    job.describe(changed);
    changed.text(audit::Field::ukey, record_.serial.text()).value(audit::Field::ukey_kind, record_.kind);
    changed.text(audit::Field::detail, "follows the officers of generation " + std::to_string(generation));
    Entry entry;
    entry.events.push_back(std::move(changed));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) -> base::Status {
        KMP_CHECK(tokens::registry::set_sealed_so_pin(t, record_.serial, record_.sealed_so_pin));
        return tokens::registry::set_pin_generation(t, record_.serial, generation);
    };
    KMP_CHECK(books.writer->write(std::move(entry)));
    record_.pin_generation = generation;
    job.service.on_io([&] {
        if (tokens::UkeyRecord* r = books.registry.find(record_.serial)) {
            r->pin_generation = generation;
            r->sealed_so_pin = record_.sealed_so_pin;
        }
    });
    return write_recovery(job, books);
}

base::Status MasterUkey::follow(Job& job, Books& books, base::Secret quorum_secret) {
    // What a restore goes by must know the new officers before the UKEY does: otherwise nobody could open it without this database.
    if (auto written = write_recovery(job, books); !written) return std::move(written).error().in("what a restore goes by");
    base::Secret former = std::move(quorum_secret_);
    quorum_secret_ = std::move(quorum_secret);
    KMP_CHECK(change_so_pin(former));
    KMP_CHECK(token_.change_pin(quorum_pin(former, record_.serial), quorum_pin(quorum_secret_, record_.serial)));
    return note_generation(job, books);
}

base::Status MasterUkey::change_so_pin(const base::Secret& former) {
    // It lies sealed under today's secret, or, in the record that a change of officers began with, under the former one.
    auto before = so_pin_of(record_);
    if (!before) before = unseal(tokens::derive_from_quorum_secret(former, "so-pin", record_.serial.text()), so_pin_context(record_.serial), base::ByteView(record_.sealed_so_pin).subspan(1));
    if (!before) return before.error();
    const base::Secret fresh = master_so_pin(quorum_secret_, record_.serial);
    const base::Status changed = token_.change_so_pin(std::move(*before), fresh.duplicate());
    // wrong_pin: an earlier attempt had come this far.
    if (!changed && changed.error().code != Code::wrong_pin) return changed;
    KMP_TRY(record_.sealed_so_pin, seal_so_pin_for_quorum(quorum_secret_, record_.serial, fresh));
    return {};
}

base::Result<base::Bytes> MasterUkey::seal_so_pin_anew(const tokens::UkeyRecord& ukey, const base::Secret& secret_to_come) {
    if (ukey.sealed_so_pin.empty() || ukey.sealed_so_pin.front() != kByQuorum) return base::Bytes();
    KMP_TRY(const base::Secret so_pin, so_pin_of(ukey));
    return seal_so_pin_for_quorum(secret_to_come, ukey.serial, so_pin);
}

base::Result<base::Bytes> MasterUkey::seal_as_former(const base::Secret& secret_to_come) const {
    return seal(tokens::derive_from_quorum_secret(secret_to_come, "former", ""), kFormerContext, quorum_secret_);
}

MasterUkey::~MasterUkey() {
    // Nothing else to do when the logout fails: the host is gone then.
    (void)token_.logout();
}

base::Result<base::Bytes> MasterUkey::seal_so_pin(model::UkeyKind kind, const base::UkeySerial& serial, const base::Secret& so_pin) {
    if (!quorum_secret_.empty() && split_among_officers(kind)) return seal_so_pin_for_quorum(quorum_secret_, serial, so_pin);
    return seal_so_pin_in_vault(token_, serial, so_pin);
}

base::Result<base::Secret> MasterUkey::so_pin_of(const tokens::UkeyRecord& ukey) {
    const base::Bytes& sealed = ukey.sealed_so_pin;
    if (sealed.empty()) return {Code::not_found, "the SO PIN of UKEY " + ukey.serial.text() + " was not kept"};
    const base::ByteView blob = base::ByteView(sealed).subspan(1);
    if (sealed.front() == kInVault) return token_.open_so_pin(ukey.serial, blob);
    if (sealed.front() != kByQuorum || quorum_secret_.empty()) return {Code::tampered, "the SO PIN of UKEY " + ukey.serial.text() + " is kept in an unknown way"};
    return unseal(tokens::derive_from_quorum_secret(quorum_secret_, "so-pin", ukey.serial.text()), so_pin_context(ukey.serial), blob);
}

std::vector<tokens::MasterName> fullest_vault(const Books& books) {
    std::vector<tokens::MasterName> out;
    for (const tokens::UkeyRecord* r : books.registry.all())
        if (r->kind == model::UkeyKind::master_control && r->state == model::UkeyState::issued && r->masters.size() > out.size()) out = r->masters;
    return out;
}

base::Status MasterUkey::check_vault(Job& job, Books& books) const {
    const auto fullest = job.service.on_io([&] { return fullest_vault(books); });
    const bool lacks = std::ranges::any_of(fullest, [&](const tokens::MasterName& m) { return std::ranges::find(record_.masters, m) == record_.masters.end(); });
    if (!lacks) return {};
    return {Code::refused, "master-control UKEY " + record_.serial.text() + " lacks masters that another has; plug in that one as well, and 'kmpctl ukey inject " + record_.serial.text() + "'"};
}

base::Result<pki::Certificate> MasterUkey::certificate(const House& house) const {
    const pki::Certificate* issuer = house.issuer(record_.serial);
    if (issuer == nullptr) return {Code::tampered, "master-control UKEY " + record_.serial.text() + " has no issuing certificate"};
    return *issuer;
}

base::Status MasterUkey::send(const House& house, tokens::Token& receiver, base::ByteView transport, const std::vector<tokens::MasterName>& masters,
                              const std::vector<std::string>& vault_keys) {
    KMP_TRY(const Parcel parcel, wrap(house, transport, masters, vault_keys));
    return receiver.unwrap_masters(parcel.masters, parcel.sender);
}

base::Result<MasterUkey::Parcel> MasterUkey::wrap(const House& house, base::ByteView transport, const std::vector<tokens::MasterName>& masters,
                                                  const std::vector<std::string>& vault_keys) {
    const auto unless_anchor = [&](const pki::Certificate* issuer) { return issuer == nullptr || *issuer == house.anchor ? base::Bytes() : issuer->der(); };
    KMP_TRY(const pki::Certificate to, pki::Certificate::from_der(transport));
    const tokens::Shipment shipment{base::to_bytes(transport), unless_anchor(house.issuer_of(to)), masters, vault_keys};
    KMP_TRY(const pki::Certificate own, certificate(house));
    Parcel out;
    out.sender = unless_anchor(&own);
    if (quorum_secret_.empty()) {
        KMP_TRY(out.masters, token_.wrap_masters(record_.serial, base::ByteView(record_.sealed_so_pin).subspan(1), shipment));
    } else {
        KMP_TRY(base::Secret so_pin, so_pin_of(record_));
        auto wrapped = token_.wrap_masters(std::move(so_pin), shipment);
        // A change of officers may have broken off before its outcome was written down.
        if (!wrapped && wrapped.error().code == Code::wrong_pin) wrapped = token_.wrap_masters(master_so_pin(quorum_secret_, record_.serial), shipment);
        if (!wrapped) return wrapped.error();
        out.masters = std::move(*wrapped);
    }
    return out;
}

// ---- officers -------------------------------------------------------------------------------------------------------

base::Result<std::unique_ptr<OfficerUkey>> OfficerUkey::open(Job& job, Books& books, const std::string& asked) {
    const tokens::SignedQuorum* quorum = books.quorum();
    if (quorum == nullptr) return {Code::refused, "there are no officers here: one person holds the master-control UKEY"};
    KMP_TRY(const base::UkeySerial serial, which_officer(job, asked));
    const model::Officer* officer = quorum->quorum.find(serial);
    if (officer == nullptr) return {Code::refused, "officer: UKEY " + serial.text() + " is not one of the officers'; see 'kmpctl ukey list'"};
    KMP_TRY(const Found found, job.service.on_io([&]() -> base::Result<Found> {
        const tokens::UkeyRecord* record = books.registry.find(serial);
        if (record == nullptr) return {Code::tampered, "officer UKEY " + serial.text() + " is not in the registry"};
        if (record->state != model::UkeyState::issued)
            return {Code::denied, "state: officer UKEY " + serial.text() + " is " + std::string(model::name(record->state)) + "; ask the other officers"};
        if (job.service.now() > record->not_after) return {Code::expired, "state: officer UKEY " + serial.text() + " expired on " + base::to_rfc3339(record->not_after)};
        if (record->must_change_pin) return {Code::refused, "pin: the PIN of officer UKEY " + serial.text() + " must be changed before its first use: 'kmpctl ukey set-pin " + serial.text() + "'"};
        KMP_TRY(tokens::Slot slot, job.service.bay().by_serial(serial));
        return Found{*record, std::move(slot)};
    }));
    KMP_TRY(const base::Secret pin, job.take_pin("officer"));
    KMP_TRY(const base::Secret stretched, tokens::stretch(pin, found.record.salt));
    std::unique_ptr<OfficerUkey> out(new OfficerUkey(tokens::Token(found.slot.channel, "officer UKEY " + serial.text()), *officer));
    KMP_CHECK(log_in_counted(job, books, out->token_, found.record, tokens::as_token_pin(stretched)));
    return out;
}

OfficerUkey::~OfficerUkey() { (void)token_.logout(); }

base::Status sign_by_one_hand(Job& job, Books& books, const std::string& asked, base::ByteView act, audit::Event& event) {
    if (books.quorum() == nullptr) {
        KMP_TRY(const std::unique_ptr<MasterUkey> master, MasterUkey::open(job, books));
        KMP_TRY(const base::Bytes signature, master->token().sign_statement("revocation", act));
        event.bytes(audit::Field::signature, signature);
        return {};
    }
    KMP_TRY(const std::unique_ptr<OfficerUkey> officer, OfficerUkey::open(job, books, asked));
    KMP_TRY(const base::Bytes signature, officer->sign_act(act));
    event.bytes(audit::Field::signature, signature).text(audit::Field::officer, officer->officer().ukey.text());
    return {};
}

}  // namespace kmp::service
