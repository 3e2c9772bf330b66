// What is written to a meter beside orders, keys and relay commands, and what it reads back.
#include "kmp/service/errands/meter.h"
#include "kmp/service/errands/meter_errand.h"
#include "kmp/suite/parameters.h"

namespace kmp::service {
namespace {

using audit::Field;
using base::Code;
using model::Operation;

constexpr std::uint32_t kMaxMinutes = 9999;
constexpr std::size_t kMaxReadBack = 240;

/// How long an authentication holds (070001FF).
class SetValidity final : public MeterErrand {
public:
    explicit SetValidity(const wire::pb::SetValidity& request) : request_(request) {}
    Operation operation() const override { return Operation::authenticate; }
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis now) override {
        KMP_TRY(const model::Ask ask, ask_about(caller, request_.meter()));
        KMP_CHECK(check_size(request_.r2(), 4, "r2"));
        if (request_.minutes() < 1 || request_.minutes() > kMaxMinutes) return {Code::invalid_argument, "minutes: 1 to 9999"};
        KMP_TRY(const model::KeyVersion version, private_version(caller, books, meter_));
        KMP_TRY(keys_, keys_of(caller, books, version, ask.classes));
        KMP_CHECK(paced(books, now));
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override { return suite::validity(keys_, base::as_bytes(request_.r2()), request_.minutes()); }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || reply->card_update().mac().size() != 4) return odd_answer(caller);
        mac_ = reply->card_update().mac();
        audit::Event e = event(audit::EventType::validity_set, caller);
        e.number(Field::minutes, request_.minutes()).bytes(Field::r2, base::as_bytes(request_.r2()));
        e.number(Field::key_version, keys_.version).number(Field::grant_number, caller.grant().number);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_set_validity()->set_mac(mac_);
        fill(*out.mutable_set_validity()->mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::SetValidity request_;
    suite::MeterKeys keys_;
    std::string mac_;
};

/// A parameter of class 1 or 2 (14H).
class WriteParameter final : public MeterErrand {
public:
    explicit WriteParameter(const wire::pb::WriteParameter& request) : request_(request) {}
    Operation operation() const override { return Operation::write_parameter; }
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis now) override {
        KMP_TRY(const model::Ask ask, ask_about(caller, request_.meter()));
        KMP_CHECK(check_size(request_.r2(), 4, "r2"));
        KMP_CHECK(suite::check_parameter(request_.di(), base::as_bytes(request_.data()), request_.encrypt()));
        KMP_TRY(const model::KeyVersion version, private_version(caller, books, meter_));
        KMP_TRY(keys_, keys_of(caller, books, version, ask.classes));
        KMP_CHECK(paced(books, now));
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override {
        return suite::parameter(keys_, base::as_bytes(request_.r2()), request_.di(), base::as_bytes(request_.data()), request_.encrypt());
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || reply->parameter_mac().mac().size() != 4 || reply->parameter_mac().ciphertext().empty() == request_.encrypt()) return odd_answer(caller);
        answer_ = reply->parameter_mac();
        audit::Event e = event(audit::EventType::parameter_written, caller);
        e.number(Field::identifier, request_.di()).bytes(Field::data, base::as_bytes(request_.data())).flag(Field::encrypted, request_.encrypt());
        e.bytes(Field::r2, base::as_bytes(request_.r2())).number(Field::key_version, keys_.version).number(Field::grant_number, caller.grant().number);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        auto& w = *out.mutable_write_parameter();
        w.set_ciphertext(answer_.ciphertext());
        w.set_mac(answer_.mac());
        fill(*w.mutable_receipt(), receipt);
        return out;
    }
    void describe(audit::Event& event) const override {
        MeterErrand::describe(event);
        event.number(Field::identifier, request_.di());
    }

private:
    wire::pb::WriteParameter request_;
    suite::MeterKeys keys_;
    suite::pb::ParameterMacReply answer_;
};

/// Whether what a meter's secure element read back is genuine (078001FF).
class CheckReadBack final : public MeterErrand {
public:
    explicit CheckReadBack(const wire::pb::CheckReadBack& request) : request_(request) {}
    Operation operation() const override { return Operation::check_status; }
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis) override {
        KMP_TRY(const model::Ask ask, ask_about(caller, request_.meter()));
        KMP_CHECK(check_size(request_.r1(), 8, "r1"));
        KMP_CHECK(check_size(request_.mac(), 4, "mac"));
        if (request_.data().empty() || request_.data().size() > kMaxReadBack) return {Code::invalid_argument, "data: 1 to 240 bytes"};
        KMP_TRY(const model::KeyVersion version, private_version(caller, books, meter_));
        KMP_TRY(keys_, keys_of(caller, books, version, ask.classes));
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override {
        return suite::read_back(keys_, base::as_bytes(request_.r1()), base::as_bytes(request_.data()), base::as_bytes(request_.mac()));
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_genuine()) return odd_answer(caller);
        genuine_ = reply->genuine().genuine();
        audit::Event e = event(audit::EventType::read_back_checked, caller);
        e.flag(Field::genuine, genuine_).bytes(Field::data, base::as_bytes(request_.data()));
        e.number(Field::key_version, keys_.version).number(Field::grant_number, caller.grant().number);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_check_read_back()->set_genuine(genuine_);
        fill(*out.mutable_check_read_back()->mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::CheckReadBack request_;
    suite::MeterKeys keys_;
    bool genuine_ = false;
};

}  // namespace

std::unique_ptr<Errand> writing_errand(const wire::pb::StationRequest& request) {
    if (request.has_set_validity()) return std::make_unique<SetValidity>(request.set_validity());
    if (request.has_write_parameter()) return std::make_unique<WriteParameter>(request.write_parameter());
    return std::make_unique<CheckReadBack>(request.check_read_back());
}

}  // namespace kmp::service
