// The data and signing keys of a user UKEY, and what it shows of itself: never a class key; the identity key signs its own certificate request, and what proves its station over TLS.
#include "kmp/service/errands/data.h"

#include "pki/request.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using model::Operation;

constexpr std::size_t kMaxMessage = 32 * 1024;
constexpr std::size_t kMaxAssociated = 4096;
constexpr std::size_t kSealing = 12 + 16;  ///< IV and tag
constexpr std::size_t kSignature = 64;
constexpr std::size_t kMaxProof = 146;  ///< what a CertificateVerify covers
constexpr std::uint32_t kMaxRandom = 1024;

base::Status check_message(const std::string& message, std::string_view what = "message") {
    if (message.empty() || message.size() > kMaxMessage) return {Code::invalid_argument, std::string(what) + ": 1 to 32768 bytes"};
    return {};
}

base::Status check_associated(const std::string& associated) {
    if (associated.size() > kMaxAssociated) return {Code::invalid_argument, "associated: at most 4096 bytes"};
    return {};
}

/// What these have in common: no meter, no amount, one event.
class DataErrand : public Errand {
public:
    explicit DataErrand(Operation operation) : DataErrand(operation, suite::classes_for(operation)) {}
    DataErrand(Operation operation, model::ClassSet classes) : operation_(operation), classes_(classes) {}
    Operation operation() const final { return operation_; }
    /// The grant first: nothing is computed for who may not, and nobody learns which UKEYs there are.
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis now) final {
        KMP_CHECK(model::may_now(caller.grant(), operation_, now, books.house.day_offset));
        KMP_CHECK(read(caller, books));
        model::Ask out;
        out.operation = operation_;
        out.classes = classes_;
        return out;
    }
    void abandon(Books&) final {}
    void describe(Event& event) const override { event.value(Field::operation, operation_); }

protected:
    /// Reads the request's fields. errors: invalid_argument, not_found
    virtual base::Status read(const Caller& caller, Books& books) = 0;
    static Event event(EventType type, const Caller& caller) {
        Event out(type);
        caller.describe(out);
        out.number(Field::grant_number, caller.grant().number);
        return out;
    }

private:
    Operation operation_;
    model::ClassSet classes_;
};

/// ECDSA P-256 by the signing key. source: SUITE.md 6
class Sign final : public DataErrand {
public:
    explicit Sign(const wire::pb::Sign& request) : DataErrand(Operation::sign), message_(request.message()) {}
    base::Status read(const Caller&, Books&) override { return check_message(message_); }
    std::optional<suite::pb::HostRequest> request() const override {
        suite::pb::HostRequest r;
        r.mutable_data_sign()->set_message(message_);
        return r;
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || reply->data_sign().signature().size() != kSignature) return odd_answer(caller);
        signature_ = reply->data_sign().signature();
        Event e = event(EventType::data_signed, caller);
        e.bytes(Field::data_hash, base::sha256(base::as_bytes(message_))).number(Field::data_size, message_.size());
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_sign()->set_signature(signature_);
        fill(*out.mutable_sign()->mutable_receipt(), receipt);
        return out;
    }

private:
    std::string message_;
    std::string signature_;
};

/// Whether a signature is of the signing key of a UKEY of this platform, also of one that is revoked since: what it signed stays signed.
class Verify final : public DataErrand {
public:
    explicit Verify(const wire::pb::Verify& request) : DataErrand(Operation::verify), request_(request) {}
    base::Status read(const Caller& caller, Books& books) override {
        KMP_CHECK(check_message(request_.message()));
        KMP_CHECK(check_size(request_.signature(), kSignature, "signature"));
        base::UkeySerial serial = caller.record().serial;
        if (!request_.ukey().empty()) {
            KMP_TRY(serial, base::UkeySerial::parse(request_.ukey()));
        }
        const tokens::UkeyRecord* record = books.registry.find(serial);
        const base::Bytes* der = record == nullptr ? nullptr : record->certificate(pki::Profile::signing);
        if (der == nullptr) return {Code::not_found, "ukey: there is no UKEY " + serial.text() + " with a signing key on this platform"};
        certificate_ = *der;
        return {};
    }
    std::function<base::Status()> work() override {
        return [this]() -> base::Status {
            KMP_TRY(const pki::Certificate certificate, pki::Certificate::from_der(certificate_));
            genuine_ = pki::verify_statement(certificate.spki(), "data", base::as_bytes(request_.message()), base::as_bytes(request_.signature())).ok();
            return {};
        };
    }
    std::optional<suite::pb::HostRequest> request() const override { return std::nullopt; }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply*) override {
        Event e = event(EventType::data_verified, caller);
        e.bytes(Field::data_hash, base::sha256(base::as_bytes(request_.message()))).number(Field::data_size, request_.message().size()).flag(Field::genuine, genuine_);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_verify()->set_genuine(genuine_);
        fill(*out.mutable_verify()->mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::Verify request_;
    base::Bytes certificate_;
    bool genuine_ = false;
};

/// AES-CMAC by the MAC key. source: SUITE.md 6
class Mac final : public DataErrand {
public:
    explicit Mac(const wire::pb::Mac& request) : DataErrand(Operation::mac), message_(request.message()) {}
    base::Status read(const Caller&, Books&) override { return check_message(message_); }
    std::optional<suite::pb::HostRequest> request() const override {
        suite::pb::HostRequest r;
        r.mutable_data_mac()->set_message(message_);
        return r;
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || reply->data_mac().mac().size() != 16) return odd_answer(caller);
        mac_ = reply->data_mac().mac();
        Event e = event(EventType::data_authenticated, caller);
        e.bytes(Field::data_hash, base::sha256(base::as_bytes(message_))).number(Field::data_size, message_.size());
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_mac()->set_mac(mac_);
        fill(*out.mutable_mac()->mutable_receipt(), receipt);
        return out;
    }

private:
    std::string message_;
    std::string mac_;
};

/// AES-256-GCM by the encryption key. The log knows what was sealed by the hash of the ciphertext, never of the plaintext. source: SUITE.md 6
class Encrypt final : public DataErrand {
public:
    explicit Encrypt(const wire::pb::Encrypt& request) : DataErrand(Operation::encrypt), request_(request) {}
    base::Status read(const Caller&, Books&) override {
        KMP_CHECK(check_message(request_.plaintext(), "plaintext"));
        return check_associated(request_.associated());
    }
    std::optional<suite::pb::HostRequest> request() const override {
        suite::pb::HostRequest r;
        r.mutable_data_encrypt()->set_plaintext(request_.plaintext());
        r.mutable_data_encrypt()->set_associated(request_.associated());
        return r;
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || reply->data_encrypt().sealed().size() != request_.plaintext().size() + kSealing) return odd_answer(caller);
        sealed_ = reply->data_encrypt().sealed();
        Event e = event(EventType::data_encrypted, caller);
        e.number(Field::data_size, request_.plaintext().size()).bytes(Field::data_hash, base::sha256(base::as_bytes(sealed_)));
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_encrypt()->set_sealed(sealed_);
        fill(*out.mutable_encrypt()->mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::Encrypt request_;
    std::string sealed_;
};

class Decrypt final : public DataErrand {
public:
    explicit Decrypt(const wire::pb::Decrypt& request) : DataErrand(Operation::decrypt), request_(request) {}
    base::Status read(const Caller&, Books&) override {
        if (request_.sealed().size() <= kSealing || request_.sealed().size() > kMaxMessage + kSealing)
            return {Code::invalid_argument, "sealed: a 12-byte IV, 1 to 32768 bytes and a 16-byte tag"};
        return check_associated(request_.associated());
    }
    std::optional<suite::pb::HostRequest> request() const override {
        suite::pb::HostRequest r;
        r.mutable_data_decrypt()->set_sealed(request_.sealed());
        r.mutable_data_decrypt()->set_associated(request_.associated());
        return r;
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || reply->data_decrypt().plaintext().size() + kSealing != request_.sealed().size()) return odd_answer(caller);
        plaintext_ = reply->data_decrypt().plaintext();
        Event e = event(EventType::data_decrypted, caller);
        e.number(Field::data_size, plaintext_.size()).bytes(Field::data_hash, base::sha256(base::as_bytes(request_.sealed())));
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_decrypt()->set_plaintext(std::move(plaintext_));
        fill(*out.mutable_decrypt()->mutable_receipt(), receipt);
        return out;
    }

private:
    wire::pb::Decrypt request_;
    std::string plaintext_;
};

/// What a TLS client proves itself with, by the UKEY's identity key: the station's own kmpd speaks for it to a network encryption machine. The tokenhost parses `content` again.
class ProveStation final : public DataErrand {
public:
    explicit ProveStation(const wire::pb::ProveStation& request) : DataErrand(Operation::authenticate, 0), content_(request.content()) {}  // no classes, unlike a meter's authentication
    base::Status read(const Caller& caller, Books&) override {
        if (caller.session().peer.is_remote()) return {Code::denied, "session: a station is proved by the kmpd that it is at, never over the network"};
        if (!caller.session().account.empty()) return {Code::denied, "session: an account proves no UKEY; open a session with the UKEY and its PIN"};
        if (caller.record().kind != model::UkeyKind::user) return {Code::refused, "kind: a station is proved by its user UKEY"};
        if (content_.size() > kMaxProof) return {Code::invalid_argument, "content: what a TLS 1.3 client's CertificateVerify covers, 130 or 146 bytes"};
        return {};
    }
    std::optional<suite::pb::HostRequest> request() const override {
        suite::pb::HostRequest r;
        r.mutable_sign_station()->set_content(content_);
        return r;
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || !reply->has_signature()) return odd_answer(caller);
        signature_ = reply->signature().der();
        Event e = event(EventType::station_proved, caller);
        e.bytes(Field::data_hash, base::sha256(base::as_bytes(content_)));
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_prove_station()->set_signature(signature_);
        fill(*out.mutable_prove_station()->mutable_receipt(), receipt);
        return out;
    }
    void describe(Event& event) const override {
        DataErrand::describe(event);
        event.text(Field::request, "prove_station");
    }

private:
    std::string content_;
    std::string signature_;
};

/// Bytes from the token's own generator.
class Random final : public DataErrand {
public:
    explicit Random(const wire::pb::Random& request) : DataErrand(Operation::random), size_(request.size()) {}
    base::Status read(const Caller&, Books&) override {
        if (size_ < 1 || size_ > kMaxRandom) return {Code::invalid_argument, "size: 1 to 1024 bytes"};
        return {};
    }
    std::optional<suite::pb::HostRequest> request() const override {
        suite::pb::HostRequest r;
        r.mutable_data_random()->set_size(size_);
        return r;
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || reply->data_random().data().size() != size_) return odd_answer(caller);
        data_ = reply->data_random().data();
        Event e = event(EventType::random_drawn, caller);
        e.number(Field::data_size, size_);
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_random()->set_data(data_);
        fill(*out.mutable_random()->mutable_receipt(), receipt);
        return out;
    }

private:
    std::uint32_t size_;
    std::string data_;
};

/// The certificates that the master-control UKEY signed for the session's UKEY, with the keys in them.
class ShowKeys final : public DataErrand {
public:
    ShowKeys() : DataErrand(Operation::certify) {}
    base::Status read(const Caller& caller, Books&) override {
        certificates_ = caller.record().certificates;
        return {};
    }
    std::function<base::Status()> work() override {
        return [this]() -> base::Status {
            for (const auto& [name, der] : certificates_) {
                KMP_TRY(const pki::Certificate certificate, pki::Certificate::from_der(der));
                auto& key = *out_.mutable_show_keys()->add_keys();
                key.set_name(name);
                key.set_spki(base::to_string(certificate.spki()));
                key.set_certificate(base::to_string(der));
            }
            return {};
        };
    }
    std::optional<suite::pb::HostRequest> request() const override { return std::nullopt; }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply*) override { return entry_of(event(EventType::keys_shown, caller)); }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        fill(*out_.mutable_show_keys()->mutable_receipt(), receipt);
        return std::move(out_);
    }

private:
    std::map<std::string, base::Bytes> certificates_;
    wire::pb::StationReply out_;
};

/// A signature that the token made already, for who builds the structure around it.
class ReadySigner final : public pki::Signer {
public:
    explicit ReadySigner(const std::string& der) : der_(base::to_bytes(base::as_bytes(der))) {}
    base::Result<base::Bytes> sign_tbs(base::ByteView) override { return der_; }

private:
    base::Bytes der_;
};

/// The UKEY asks an authority elsewhere to certify its identity key.
class RequestCertificate final : public DataErrand {
public:
    RequestCertificate() : DataErrand(Operation::certify) {}
    base::Status read(const Caller& caller, Books&) override {
        const base::Bytes* own = caller.record().certificate(pki::Profile::identity);
        if (own == nullptr) return {Code::not_found, "UKEY " + caller.record().serial.text() + " has no identity certificate"};
        KMP_TRY(const pki::Certificate identity, pki::Certificate::from_der(*own));
        subject_ = identity.subject();
        spki_ = identity.spki();
        KMP_TRY(info_, pki::request_info(subject_, spki_));
        return {};
    }
    std::optional<suite::pb::HostRequest> request() const override {
        suite::pb::HostRequest r;
        r.mutable_sign_tbs()->set_key("identity");
        r.mutable_sign_tbs()->set_tbs(base::to_string(info_));
        return r;
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override {
        if (reply == nullptr || reply->signature().der().empty()) return odd_answer(caller);
        ReadySigner signer(reply->signature().der());
        KMP_TRY(const pki::Request made, pki::build_request(subject_, spki_, signer));
        request_ = made.der;
        Event e = event(EventType::certificate_requested, caller);
        e.bytes(Field::data_hash, base::sha256(request_));
        return entry_of(std::move(e));
    }
    wire::pb::StationReply settle(Books&, const audit::Receipt& receipt) override {
        wire::pb::StationReply out;
        out.mutable_request_certificate()->set_request(base::to_string(request_));
        fill(*out.mutable_request_certificate()->mutable_receipt(), receipt);
        return out;
    }

private:
    pki::Subject subject_;
    base::Bytes spki_, info_, request_;
};

}  // namespace

std::unique_ptr<Errand> data_errand(const wire::pb::StationRequest& request) {
    if (request.has_sign()) return std::make_unique<Sign>(request.sign());
    if (request.has_verify()) return std::make_unique<Verify>(request.verify());
    if (request.has_mac()) return std::make_unique<Mac>(request.mac());
    if (request.has_encrypt()) return std::make_unique<Encrypt>(request.encrypt());
    if (request.has_decrypt()) return std::make_unique<Decrypt>(request.decrypt());
    if (request.has_random()) return std::make_unique<Random>(request.random());
    if (request.has_prove_station()) return std::make_unique<ProveStation>(request.prove_station());
    if (request.has_show_keys()) return std::make_unique<ShowKeys>();
    if (request.has_request_certificate()) return std::make_unique<RequestCertificate>();
    return nullptr;
}

}  // namespace kmp::service
