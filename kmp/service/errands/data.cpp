#include "kmp/service/errands/data.h"

namespace kmp::service {
namespace {

using audit::Field;
using base::Code;
using model::Operation;

constexpr std::size_t kMaxMessage = 32 * 1024;
constexpr std::uint32_t kMaxRandom = 1024;
constexpr std::size_t kMaxProof = 146;

model::Ask ask_for(Operation operation) {
    model::Ask ask;
    ask.operation = operation;
    ask.classes = suite::classes_for(operation);
    return ask;
}

/// A signature by the UKEY's signing key: never a class key, never an identity key.
class Sign final : public Errand {
public:
    explicit Sign(const wire::pb::Sign& request) : message_(request.message()) {}
    Operation operation() const override { return Operation::sign; }
    base::Result<model::Ask> plan(const Caller&, Books&, base::Millis) override {
        if (message_.empty() || message_.size() > kMaxMessage) return {Code::invalid_argument, "message: 1 to 32768 bytes"};
        return ask_for(operation());
    }
    std::optional<suite::pb::HostRequest> request() const override {
        suite::pb::HostRequest r;
        r.mutable_data_sign()->set_message(message_);
        return r;
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_data_sign()) return {Code::token_failed, "the UKEY answered a signature with something else"};
        signature_ = reply->data_sign().signature();
        audit::Event e(audit::EventType::data_signed);
        caller.describe(e);
        e.bytes(Field::data_hash, base::sha256(base::as_bytes(message_))).number(Field::data_size, message_.size());
        e.number(Field::grant_number, caller.grant().number);
        Entry entry;
        entry.events.push_back(std::move(e));
        return entry;
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_sign()->set_signature(signature_);
        fill(*out.mutable_sign()->mutable_receipt(), receipt);
        return out;
    }
    void abandon(Books&) override {}
    void describe(audit::Event& event) const override { event.value(Field::operation, operation()); }

private:
    std::string message_;
    std::string signature_;
};

/// What a TLS client proves itself with, by the UKEY's identity key: the station's own kmpd speaks for it to a network encryption machine. The tokenhost parses `content` again.
class ProveStation final : public Errand {
public:
    explicit ProveStation(const wire::pb::ProveStation& request) : content_(request.content()) {}
    Operation operation() const override { return Operation::authenticate; }
    base::Result<model::Ask> plan(const Caller& caller, Books&, base::Millis) override {
        if (caller.session().peer.is_remote()) return {Code::denied, "session: a station is proved by the kmpd that it is at, never over the network"};
        if (!caller.session().account.empty()) return {Code::denied, "session: an account proves no UKEY; open a session with the UKEY and its PIN"};
        if (caller.record().kind != model::UkeyKind::user) return {Code::refused, "kind: a station is proved by its user UKEY"};
        if (content_.size() > kMaxProof) return {Code::invalid_argument, "content: what a TLS 1.3 client's CertificateVerify covers, 130 or 146 bytes"};
        model::Ask ask;
        ask.operation = operation();
        return ask;
    }
    std::optional<suite::pb::HostRequest> request() const override {
        suite::pb::HostRequest r;
        r.mutable_sign_station()->set_content(content_);
        return r;
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_signature()) return {Code::token_failed, "the UKEY answered a proof with something else"};
        signature_ = reply->signature().der();
        audit::Event e(audit::EventType::station_proved);
        caller.describe(e);
        e.bytes(Field::data_hash, base::sha256(base::as_bytes(content_))).number(Field::grant_number, caller.grant().number);
        Entry entry;
        entry.events.push_back(std::move(e));
        return entry;
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_prove_station()->set_signature(signature_);
        fill(*out.mutable_prove_station()->mutable_receipt(), receipt);
        return out;
    }
    void abandon(Books&) override {}
    void describe(audit::Event& event) const override { event.value(Field::operation, operation()).text(Field::request, "prove_station"); }

private:
    std::string content_;
    std::string signature_;
};

/// Bytes from the token's own generator.
class Random final : public Errand {
public:
    explicit Random(const wire::pb::Random& request) : size_(request.size()) {}
    Operation operation() const override { return Operation::random; }
    base::Result<model::Ask> plan(const Caller&, Books&, base::Millis) override {
        if (size_ < 1 || size_ > kMaxRandom) return {Code::invalid_argument, "size: 1 to 1024 bytes"};
        return ask_for(operation());
    }
    std::optional<suite::pb::HostRequest> request() const override {
        suite::pb::HostRequest r;
        r.mutable_data_random()->set_size(size_);
        return r;
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_data_random() || reply->data_random().data().size() != size_)
            return {Code::token_failed, "the UKEY answered with another number of random bytes"};
        data_ = reply->data_random().data();
        audit::Event e(audit::EventType::random_drawn);
        caller.describe(e);
        e.number(Field::data_size, size_).number(Field::grant_number, caller.grant().number);
        Entry entry;
        entry.events.push_back(std::move(e));
        return entry;
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_random()->set_data(data_);
        fill(*out.mutable_random()->mutable_receipt(), receipt);
        return out;
    }
    void abandon(Books&) override {}
    void describe(audit::Event& event) const override { event.value(Field::operation, operation()); }

private:
    std::uint32_t size_;
    std::string data_;
};

}  // namespace

std::unique_ptr<Errand> data_errand(const wire::pb::StationRequest& request) {
    if (request.has_sign()) return std::make_unique<Sign>(request.sign());
    if (request.has_random()) return std::make_unique<Random>(request.random());
    if (request.has_prove_station()) return std::make_unique<ProveStation>(request.prove_station());
    return nullptr;
}

}  // namespace kmp::service
