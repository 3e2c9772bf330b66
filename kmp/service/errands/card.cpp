// Charging cards, but for what an order puts on them: proved, made a meter's, made blank, given tariffs, read.
#include "kmp/service/errands/meter.h"
#include "kmp/service/errands/meter_errand.h"
#include "kmp/suite/card_requests.h"

namespace kmp::service {
namespace {

using audit::Field;
using base::Code;
using model::Operation;

constexpr std::size_t kMaxCardData = 240;

/// What every request about a card has in common.
class CardErrand : public MeterErrand {
public:
    Operation operation() const override { return Operation::card; }
    void describe(audit::Event& event) const override {
        MeterErrand::describe(event);
        if (serial_read_) event.bytes(Field::card, serial_);
    }

protected:
    base::Result<model::Ask> ask_about_card(const Caller& caller, std::uint64_t meter, const std::string& serial) {
        KMP_TRY(const model::Ask ask, ask_about(caller, meter));
        KMP_CHECK(check_size(serial, serial_.size(), "serial"));
        std::copy(serial.begin(), serial.end(), serial_.begin());
        serial_read_ = true;
        return ask;
    }
    /// Those of the meter in the set that the card was made under; 0: in the one that the meter is believed to hold.
    base::Result<suite::CardKeys> keys_of_card(const Caller& caller, Books& books, std::uint32_t set) const {
        if (set > 255) return {Code::invalid_argument, "key_version: 1 to 255, or 0 for the one that the meter is believed to hold"};
        KMP_TRY(const model::KeyVersion believed, private_version(caller, books, meter_));
        const auto version = set != 0 ? static_cast<model::KeyVersion>(set) : believed;
        KMP_TRY(const suite::MeterKeys keys, keys_of(caller, books, version, suite::classes_for(Operation::card)));
        return suite::CardKeys{keys, serial_};
    }
    suite::CardKeys blank() const { return {suite::factory_keys(meter_), serial_}; }
    audit::Event card_event(audit::EventType type, const Caller& caller) const {
        audit::Event e = event(type, caller);
        e.bytes(Field::card, serial_).number(Field::grant_number, caller.grant().number);
        return e;
    }
    static base::Status check_place(std::uint32_t file, std::uint32_t offset, std::size_t size) {
        if (file < suite::kParametersFile || file > suite::kWriteBackFile) return {Code::invalid_argument, "file: 1 to 5"};
        if (size == 0 || size > kMaxCardData) return {Code::invalid_argument, "data: 1 to 240 bytes"};
        if (offset != 0 && offset != kMaxCardData) return {Code::invalid_argument, "offset: 0, or 240 for the rest of a tariff file"};
        return {};
    }
    suite::CardSerial serial_{};
    bool serial_read_ = false;
};

/// INTERNAL AUTHENTICATE proved, EXTERNAL AUTHENTICATE answered.
class AuthenticateCard final : public CardErrand {
public:
    explicit AuthenticateCard(const wire::pb::AuthenticateCard& request) : request_(request) {}
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis) override {
        KMP_TRY(const model::Ask ask, ask_about_card(caller, request_.meter(), request_.serial()));
        KMP_CHECK(check_size(request_.random(), 8, "random"));
        KMP_CHECK(check_size(request_.answer(), 8, "answer"));
        KMP_CHECK(check_size(request_.challenge(), 8, "challenge"));
        if (request_.factory() && request_.key_version() != 0) return {Code::invalid_argument, "key_version: a blank card has none, 0"};
        keys_ = blank();
        if (request_.factory()) return ask;
        KMP_TRY(keys_, keys_of_card(caller, books, request_.key_version()));
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override {
        return suite::authenticate_card(keys_, base::as_bytes(request_.random()), base::as_bytes(request_.answer()), base::as_bytes(request_.challenge()));
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_card_authenticate()) return odd_answer(caller);
        answer_ = reply->card_authenticate();
        if (answer_.response().size() != (answer_.genuine() ? 8u : 0u)) return odd_answer(caller);
        audit::Event e = card_event(audit::EventType::card_authenticated, caller);
        e.flag(Field::genuine, answer_.genuine()).value(Field::key_state, keys_.meter.state).number(Field::key_version, keys_.meter.version);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        auto& a = *out.mutable_authenticate_card();
        a.set_genuine(answer_.genuine());
        a.set_response(answer_.response());
        fill(*a.mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::AuthenticateCard request_;
    suite::CardKeys keys_;
    suite::pb::CardAuthenticateReply answer_;
};

/// One of the four keys with which a blank card becomes a meter's, or a meter's card blank.
class WriteCardKey final : public CardErrand {
public:
    explicit WriteCardKey(const wire::pb::WriteCardKey& request) : request_(request) {}
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis) override {
        KMP_TRY(const model::Ask ask, ask_about_card(caller, request_.meter(), request_.serial()));
        KMP_CHECK(check_size(request_.challenge(), 4, "challenge"));
        const std::uint32_t usage = request_.usage();
        if (usage != 2 && usage != 4 && usage != 5 && usage != 6) return {Code::invalid_argument, "usage: 5, 6, 2 or 4"};
        // Only an old card is erased under older keys; a card is made under those that its meter holds.
        if (!request_.erase() && request_.key_version() != 0) return {Code::invalid_argument, "key_version: of a card that is erased; otherwise 0"};
        KMP_TRY(const suite::CardKeys own, keys_of_card(caller, books, request_.key_version()));
        set_ = own.meter.version;
        current_ = request_.erase() ? own : blank();
        next_ = request_.erase() ? blank() : own;
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override { return suite::write_card_key(current_, next_, request_.usage(), base::as_bytes(request_.challenge())); }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || reply->card_key_write().wrapped().size() != 24 || reply->card_key_write().mac().size() != 4) return odd_answer(caller);
        answer_ = reply->card_key_write();
        // The ciphertext of a key that travels under published keys is never stored.
        audit::Event e = card_event(audit::EventType::card_key_written, caller);
        e.number(Field::usage, request_.usage()).flag(Field::erase, request_.erase()).number(Field::key_version, set_);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        auto& w = *out.mutable_write_card_key();
        w.set_wrapped(answer_.wrapped());
        w.set_mac(answer_.mac());
        fill(*w.mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::WriteCardKey request_;
    suite::CardKeys current_, next_;
    model::KeyVersion set_ = 0;
    suite::pb::CardKeyWriteReply answer_;
};

/// A piece of a tariff file, or zeros.
class WriteCard final : public CardErrand {
public:
    explicit WriteCard(const wire::pb::WriteCard& request) : request_(request) {}
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis) override {
        KMP_TRY(const model::Ask ask, ask_about_card(caller, request_.meter(), request_.serial()));
        KMP_CHECK(check_size(request_.challenge(), 4, "challenge"));
        KMP_CHECK(check_place(request_.file(), request_.offset(), request_.data().size()));
        const bool tariffs = request_.file() == suite::kTariffsNow || request_.file() == suite::kTariffsToCome;
        if (!tariffs && request_.data().find_first_not_of('\0') != std::string::npos)
            return {Code::refused, "file: parameters and wallet are written by an order, the write-back by the meter; here they are emptied, with zeros"};
        KMP_TRY(keys_, keys_of_card(caller, books, request_.key_version()));
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override {
        return suite::update_card(keys_, request_.file(), request_.offset(), base::as_bytes(request_.data()), base::as_bytes(request_.challenge()));
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || reply->card_update().mac().size() != 4) return odd_answer(caller);
        mac_ = reply->card_update().mac();
        audit::Event e = card_event(audit::EventType::card_written, caller);
        e.number(Field::file, request_.file()).bytes(Field::data, base::as_bytes(request_.data())).number(Field::key_version, keys_.meter.version);
        if (request_.offset() != 0) e.number(Field::offset, request_.offset());
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books& books, const audit::Receipt& receipt) override {
        if (const auto found = books.meters.find(meter_); found && request_.file() == suite::kWriteBackFile) {
            (*found)->meter.wiped = true;
            books.meters.changed(**found);
        }
        wire::pb::StationReply out;
        out.mutable_write_card()->set_mac(mac_);
        fill(*out.mutable_write_card()->mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::WriteCard request_;
    suite::CardKeys keys_;
    std::string mac_;
};

/// What a card says it holds; of a write-back also whether it can be.
class ReportCard final : public CardErrand {
public:
    explicit ReportCard(const wire::pb::ReportCard& request) : request_(request) {}
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis) override {
        KMP_TRY(const model::Ask ask, ask_about_card(caller, request_.meter(), request_.serial()));
        KMP_CHECK(check_size(request_.random(), 8, "random"));
        KMP_CHECK(check_size(request_.mac(), 4, "mac"));
        KMP_CHECK(check_place(request_.file(), request_.offset(), request_.data().size()));
        KMP_TRY(entry_, books.meters.find(meter_));
        known_count_ = entry_->meter.count;
        KMP_TRY(keys_, keys_of_card(caller, books, request_.key_version()));
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override {
        return suite::read_card(keys_, request_.file(), request_.offset(), base::as_bytes(request_.random()), base::as_bytes(request_.data()), base::as_bytes(request_.mac()));
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_genuine()) return odd_answer(caller);
        genuine_ = reply->genuine().genuine();
        audit::Event e = card_event(audit::EventType::card_reported, caller);
        e.number(Field::file, request_.file()).flag(Field::genuine, genuine_).bytes(Field::data, base::as_bytes(request_.data()));
        e.number(Field::known_count, known_count_).number(Field::key_version, keys_.meter.version);
        if (request_.offset() != 0) e.number(Field::offset, request_.offset());
        if (genuine_ && request_.file() == suite::kWriteBackFile) judge(e);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books& books, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        if (fits_) shown(books, meter_, count_);
        if (genuine_ && request_.serial() == entry_->meter.card) prove(entry_->evidence);
        auto& r = *out.mutable_report_card();
        r.set_genuine(genuine_);
        r.set_contradiction(contradiction_);
        r.set_known_count(known_count_);
        fill(*r.mutable_receipt(), receipt);
        return out;
    }

private:
    /// What it shows of an order that is to be voided.
    void prove(policy::Evidence& evidence) const {
        if (request_.file() == suite::kWalletFile && request_.data().size() == 8) {
            base::ByteReader wallet(base::as_bytes(request_.data()));
            (void)wallet.u32();
            evidence.wallet(request_.random(), wallet.u32().value(), entry_->meter.count);
        } else if (request_.file() == suite::kWriteBackFile && contradiction_.empty()) {
            evidence.write_back(request_.random(), empty_ ? std::nullopt : std::optional(count_), entry_->meter.count);
        }
    }
    void judge(audit::Event& e) {
        const auto said = suite::parse_write_back(base::as_bytes(request_.data()));
        if (!said) {
            contradiction_ = said.error().message;
        } else if (*said) {
            const suite::WriteBack& w = **said;
            empty_ = false;
            count_ = w.count;
            contradiction_ = entry_->meter.contradiction({request_.serial(), w.meter, w.customer, w.count, model::Fen(w.balance)});
            fits_ = contradiction_.empty();
            e.number(Field::customer, w.customer.number()).number(Field::amount, w.balance).number(Field::count, w.count);
        }
        e.text(Field::contradiction, contradiction_);
    }

    wire::pb::ReportCard request_;
    suite::CardKeys keys_;
    policy::MeterBook::Entry* entry_ = nullptr;
    std::uint32_t known_count_ = 0;
    std::uint32_t count_ = 0;
    bool genuine_ = false;
    bool empty_ = true;
    bool fits_ = false;
    std::string contradiction_;
};

}  // namespace

std::unique_ptr<Errand> card_errand(const wire::pb::StationRequest& request) {
    if (request.has_authenticate_card()) return std::make_unique<AuthenticateCard>(request.authenticate_card());
    if (request.has_write_card_key()) return std::make_unique<WriteCardKey>(request.write_card_key());
    if (request.has_write_card()) return std::make_unique<WriteCard>(request.write_card());
    return std::make_unique<ReportCard>(request.report_card());
}

}  // namespace kmp::service
