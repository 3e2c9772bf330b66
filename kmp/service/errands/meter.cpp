#include "kmp/service/errands/meter.h"

#include "kmp/service/errands/meter_errand.h"

namespace kmp::service {
namespace {

using audit::Field;
using base::Code;
using model::KeyState;
using model::Operation;

constexpr std::uint32_t kLowGradeKeys = 9;    // 2009 profile
constexpr std::uint32_t kHighGradeKeys = 20;  // 2013 profile

/// Identity authentication: K1, R1 and the dispersion factor for a meter (DL/T 645 070000FF).
class Authenticate final : public MeterErrand {
public:
    explicit Authenticate(const wire::pb::Authenticate& request) : request_(request) {}
    Operation operation() const override { return Operation::authenticate; }
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis) override {
        KMP_TRY(model::Ask ask, ask_about(caller, request_.meter()));
        if (request_.state() == wire::pb::FACTORY) {
            if (caller.record().kind != model::UkeyKind::key)
                return {Code::refused, "class: only a key UKEY holds the factory keys; UKEY " + caller.record().serial.text() + " is a " +
                                           std::string(model::name(caller.record().kind)) + " UKEY"};
            keys_ = suite::factory_keys(meter_);
        } else if (request_.state() == wire::pb::PRODUCTION) {
            KMP_TRY(model::KeyVersion version, private_version(caller, books, meter_));
            // A meter whose new keys were not confirmed may hold either version: the station tries the other one.
            if (request_.key_version() > 255) return {Code::invalid_argument, "key_version: 1 to 255, or 0 for the one that is believed"};
            if (request_.key_version() != 0) version = static_cast<model::KeyVersion>(request_.key_version());
            KMP_TRY(keys_, keys_of(caller, books, version, ask.classes));
        } else {
            return {Code::invalid_argument, "state: FACTORY or PRODUCTION"};
        }
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override { return suite::authenticate(keys_); }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_meter_authenticate()) return odd_answer(caller);
        answer_ = reply->meter_authenticate();
        audit::Event e = event(audit::EventType::meter_authenticated, caller);
        e.value(Field::key_state, keys_.state).number(Field::key_version, keys_.version).number(Field::grant_number, caller.grant().number);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books& books, const audit::Receipt& receipt) override {
        if (const auto found = books.meters.find(meter_); found && keys_.state == KeyState::production) (*found)->evidence.authenticated(answer_.r1());
        wire::pb::StationReply out;
        auto& a = *out.mutable_authenticate();
        a.set_k1(answer_.k1());
        a.set_r1(answer_.r1());
        a.set_factor(base::to_string(suite::factor_for(keys_)));
        a.set_key_version(keys_.version);
        fill(*a.mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::Authenticate request_;
    suite::MeterKeys keys_;
    suite::pb::MeterAuthenticateReply answer_;
};

/// Whether a meter's status answer carries the MACs of our keys (078102FF).
class CheckStatus final : public MeterErrand {
public:
    explicit CheckStatus(const wire::pb::CheckStatus& request) : request_(request) {}
    Operation operation() const override { return Operation::check_status; }
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis) override {
        KMP_TRY(model::Ask ask, ask_about(caller, request_.meter()));
        KMP_CHECK(check_size(request_.r1(), 8, "r1"));
        KMP_CHECK(check_size(request_.balance(), 4, "balance"));
        KMP_CHECK(check_size(request_.balance_mac(), 4, "balance_mac"));
        KMP_CHECK(check_size(request_.count(), 4, "count"));
        KMP_CHECK(check_size(request_.count_mac(), 4, "count_mac"));
        KMP_CHECK(check_size(request_.customer(), 6, "customer"));
        KMP_CHECK(check_size(request_.key_info(), 4, "key_info"));
        KMP_TRY(const auto* entry, books.meters.find(meter_));
        known_count_ = entry->meter.count;
        count_ = base::ByteReader(base::as_bytes(request_.count())).u32().value();
        contradiction_ = entry->meter.contradiction(count_);
        KMP_TRY(const model::KeyVersion version, private_version(caller, books, meter_));
        KMP_TRY(keys_, keys_of(caller, books, version, ask.classes));
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override {
        return suite::status(keys_,
                             {base::as_bytes(request_.r1()), base::as_bytes(request_.balance()), base::as_bytes(request_.balance_mac()),
                              base::as_bytes(request_.count()), base::as_bytes(request_.count_mac()), base::as_bytes(request_.customer()),
                              base::as_bytes(request_.key_info())});
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_status_mac()) return odd_answer(caller);
        genuine_ = reply->status_mac().genuine();
        audit::Event e = event(audit::EventType::status_checked, caller);
        e.flag(Field::genuine, genuine_).number(Field::known_count, known_count_).number(Field::key_version, keys_.version);
        e.number(Field::count, count_);
        if (genuine_) e.text(Field::contradiction, contradiction_);
        e.number(Field::grant_number, caller.grant().number);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books& books, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        if (genuine_) shown(books, meter_, count_);
        if (const auto found = books.meters.find(meter_)) {
            policy::Evidence& evidence = (*found)->evidence;
            genuine_ ? evidence.status(request_.r1(), count_) : evidence.false_status(request_.r1());
        }
        auto& s = *out.mutable_check_status();
        s.set_genuine(genuine_);
        s.set_known_count(known_count_);
        fill(*s.mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::CheckStatus request_;
    suite::MeterKeys keys_;
    std::uint32_t known_count_ = 0;
    std::uint32_t count_ = 0;
    std::string contradiction_;
    bool genuine_ = false;
};

/// Trip, close, alarm, keep-power (1CH, PA=98).
class Relay final : public MeterErrand {
public:
    explicit Relay(const wire::pb::Relay& request) : request_(request) {}
    Operation operation() const override { return Operation::relay; }
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis now) override {
        KMP_TRY(model::Ask ask, ask_about(caller, request_.meter()));
        KMP_CHECK(check_size(request_.r2(), 4, "r2"));
        KMP_CHECK(check_size(request_.valid_until(), 6, "valid_until"));
        KMP_CHECK(suite::check_valid_until(base::as_bytes(request_.valid_until()), now));
        if (!suite::is_relay_command(request_.command()))
            return {Code::invalid_argument, "command: not a relay command of DL/T 645: 1A, 1B, 1C, 2A, 2B, 3A or 3B"};
        KMP_TRY(const model::KeyVersion version, private_version(caller, books, meter_));
        KMP_TRY(keys_, keys_of(caller, books, version, ask.classes));
        KMP_CHECK(paced(books, now));
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override {
        return suite::relay(keys_, base::as_bytes(request_.r2()), static_cast<std::uint8_t>(request_.command()),
                            base::as_bytes(request_.valid_until()));
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_relay_command()) return odd_answer(caller);
        answer_ = reply->relay_command();
        audit::Event e = event(audit::EventType::relay_command, caller);
        e.number(Field::command, request_.command()).bytes(Field::r2, base::as_bytes(request_.r2()));
        e.number(Field::key_version, keys_.version).number(Field::grant_number, caller.grant().number);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        auto& r = *out.mutable_relay();
        r.set_ciphertext(answer_.ciphertext());
        r.set_mac(answer_.mac());
        fill(*r.mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::Relay request_;
    suite::MeterKeys keys_;
    suite::pb::RelayCommandReply answer_;
};

/// The key set of a meter, wrapped and with MAC: download (factory to private, or older private keys to newer ones) or recovery (private
/// to factory).
class DownloadKeys final : public MeterErrand {
public:
    explicit DownloadKeys(const wire::pb::DownloadKeys& request) : request_(request) {}
    Operation operation() const override { return request_.recover() ? Operation::recover_keys : Operation::download_keys; }
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis now) override {
        permitted_ = now;
        KMP_TRY(model::Ask ask, ask_about(caller, request_.meter()));
        KMP_CHECK(check_size(request_.r2(), 4, "r2"));
        if (request_.keys() != 0 && request_.keys() != kLowGradeKeys && request_.keys() != kHighGradeKeys) return {Code::invalid_argument, "keys: 9 or 20, as the meter's 04000208 says, or 0"};
        if (request_.recover() && request_.update()) return {Code::invalid_argument, "update: newer keys or, with recover, the factory keys; not both"};
        KMP_CHECK(paced(books, now));
        KMP_TRY(policy::MeterBook::Entry * entry, books.meters.find(meter_));
        const policy::Meter& m = entry->meter;
        if (request_.recover()) {
            KMP_CHECK(plan_current(caller, books));
            next_ = suite::factory_keys(meter_);
            return ask;
        }
        // Always the newest set: an engineer's UKEY that lacks a master of it gives nothing out.
        const model::KeyVersion newest = books.key_sets.newest();
        KMP_TRY(next_, keys_of(caller, books, newest, ask.classes));
        if (newest < m.least) return too_old(newest, m.least);
        const bool older = m.known && m.state == KeyState::production && m.version != 0 && m.version < newest;
        if (request_.update() || (older && m.allowed_until < now)) {
            // A rotation: the new version travels under the private keys that the meter holds.
            KMP_CHECK(plan_current(caller, books));
            if (current_.version >= newest)
                return {Code::refused, "version: meter " + meter_.text() + " has the newest keys already, version " + std::to_string(static_cast<unsigned>(newest))};
            return ask;
        }
        KMP_CHECK(m.may_download(caller.record().serial.text(), now));
        current_ = suite::factory_keys(meter_);
        again_ = m.keyed;
        // One at a time: what was allowed once must not go out twice, and nothing be reported in force before it stands in the log.
        if (entry->busy) return {Code::busy, "another request for meter " + meter_.text() + " is under way; try again"};
        entry->busy = true;
        marked_ = entry;
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override { return suite::key_update(current_, next_, base::as_bytes(request_.r2()), request_.keys() == kHighGradeKeys ? kHighGradeKeys : 0); }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_key_update()) return odd_answer(caller);
        answer_ = reply->key_update();
        audit::Event e = event(audit::EventType::keys_sent, caller);
        e.flag(Field::recover, request_.recover()).number(Field::key_version, next_.version).value(Field::key_state, next_.state);
        // Flagged, and its ciphertext never stored: whoever knows the factory set could read it (design 3).
        e.flag(Field::factory_wrapped, current_.state == KeyState::factory).bytes(Field::r2, base::as_bytes(request_.r2()));
        e.number(Field::grant_number, caller.grant().number);
        if (again_) e.time(Field::happened_at, permitted_);  // what was allowed ends at a time: this is when it was looked at
        ukey_ = caller.record().serial.text();
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books& books, const audit::Receipt& receipt) override {
        if (marked_ != nullptr) marked_->busy = false;
        if (again_) {
            marked_->meter.download_begun(ukey_);
            books.meters.changed(*marked_);
        }
        wire::pb::StationReply out;
        auto& d = *out.mutable_download_keys();
        for (const auto& record : answer_.records()) {
            auto& r = *d.add_records();
            r.set_di(record.di());
            r.set_mac(record.mac());
            r.set_key_info(record.key_info());
            r.set_encrypted_key(record.encrypted_key());
        }
        for (const auto& frame : answer_.frames()) {
            auto& f = *d.add_frames();
            f.set_records(frame.records());
            f.set_mac(frame.mac());
        }
        d.set_key_version(next_.version);
        fill(*d.mutable_receipt(), receipt);
        return out;
    }
    void abandon(Books&) override {
        if (marked_ != nullptr) marked_->busy = false;
    }

private:
    /// The private keys that the meter holds: of its control class alone something is derived.
    base::Status plan_current(const Caller& caller, Books& books) {
        KMP_TRY(const model::KeyVersion version, private_version(caller, books, meter_));
        KMP_TRY(current_, keys_of(caller, books, version, model::class_bit(model::KeyClass::control)));
        return {};
    }

    wire::pb::DownloadKeys request_;
    suite::MeterKeys current_, next_;
    base::Millis permitted_ = 0;
    std::string ukey_;
    bool again_ = false;                          ///< the meter has had private keys: this was allowed
    policy::MeterBook::Entry* marked_ = nullptr;  ///< as busy: the keys go out under the factory keys
    suite::pb::KeyUpdateReply answer_;
};

/// What became of a key set that was sent. Needs no key; changes what the platform believes of the meter.
class KeysLoaded final : public MeterErrand {
public:
    explicit KeysLoaded(const wire::pb::KeysLoaded& request) : request_(request) {}
    Operation operation() const override { return request_.recover() ? Operation::recover_keys : Operation::download_keys; }
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis) override {
        KMP_TRY(model::Ask ask, ask_about(caller, request_.meter()));
        if (request_.detail().size() > 200) return {Code::invalid_argument, "detail: at most 200 bytes"};
        KMP_TRY(const auto* entry, books.meters.find(meter_));
        if (entry->busy) return {Code::busy, "another request for meter " + meter_.text() + " is under way; try again"};
        if (request_.recover()) return ask;
        const std::uint32_t said = request_.key_version();
        if (said != 0 && !books.key_sets.has(said)) return {Code::invalid_argument, "key_version: there is no version " + std::to_string(said) + " of the keys"};
        version_ = said != 0 ? static_cast<model::KeyVersion>(said) : newest_usable(caller.record(), books.key_sets, ask.classes);
        KMP_CHECK(keys_of(caller, books, version_, 0));
        if (version_ < entry->meter.least) return too_old(version_, entry->meter.least);
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override { return std::nullopt; }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply*) override {
        audit::Event e = event(audit::EventType::keys_loaded, caller);
        // "Not done" is not "undone": the meter may have answered nothing after it had taken them.
        e.value(Field::outcome, request_.done() ? audit::Outcome::done : audit::Outcome::unknown).flag(Field::recover, request_.recover());
        e.value(Field::key_state, request_.recover() ? KeyState::factory : KeyState::production);
        e.number(Field::key_version, request_.recover() ? 0 : version_).text(Field::detail, request_.detail());
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books& books, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        fill(*out.mutable_keys_loaded()->mutable_receipt(), receipt);
        if (!request_.done()) return out;
        if (auto found = books.meters.find(meter_)) {
            apply_keys_loaded((*found)->meter, request_.recover(), version_);
            books.meters.changed(**found);
        }
        return out;
    }

private:
    wire::pb::KeysLoaded request_;
    model::KeyVersion version_ = 0;
};

}  // namespace

void shown(Books& books, model::MeterNumber meter, std::uint32_t count) {
    const auto found = books.meters.find(meter);
    if (found && (*found)->meter.seen(count)) books.meters.changed(**found);
}

void apply_keys_loaded(policy::Meter& meter, bool recover, model::KeyVersion version) {
    meter.known = true;
    meter.state = recover ? KeyState::factory : KeyState::production;
    meter.version = recover ? model::KeyVersion{0} : version;
    meter.keyed = meter.keyed || !recover;
    meter.held = std::max(meter.held, meter.version);
    if (!recover) meter.download_done();
}

std::unique_ptr<Errand> meter_errand(const wire::pb::StationRequest& request) {
    using Case = wire::pb::StationRequest::OperationCase;
    switch (request.operation_case()) {
        case Case::kAuthenticate: return std::make_unique<Authenticate>(request.authenticate());
        case Case::kCheckStatus: return std::make_unique<CheckStatus>(request.check_status());
        case Case::kRelay: return std::make_unique<Relay>(request.relay());
        case Case::kDownloadKeys: return std::make_unique<DownloadKeys>(request.download_keys());
        case Case::kKeysLoaded: return std::make_unique<KeysLoaded>(request.keys_loaded());
        case Case::kSetValidity:
        case Case::kWriteParameter:
        case Case::kCheckReadBack: return writing_errand(request);
        case Case::kAuthenticateCard:
        case Case::kWriteCardKey:
        case Case::kWriteCard:
        case Case::kReportCard: return card_errand(request);
        case Case::kPin:
        case Case::kHello:
        case Case::kOpenSession:
        case Case::kCloseSession:
        case Case::kOrder:
        case Case::kOrderBatch:
        case Case::kVoidOrder:
        case Case::kProve:
        case Case::kSign:
        case Case::kVerify:
        case Case::kMac:
        case Case::kEncrypt:
        case Case::kDecrypt:
        case Case::kRandom:
        case Case::kProveStation:
        case Case::kShowKeys:
        case Case::kRequestCertificate:
        case Case::OPERATION_NOT_SET: return nullptr;
    }
    return nullptr;
}

}  // namespace kmp::service
