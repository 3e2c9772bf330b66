#include "tests/audit/sample_log.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/x509.h>

#include <stdexcept>

namespace {

template <class T>
T must(base::Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(result).value();
}

pki::CertificateOrder order_for(const base::Bytes& spki, pki::Profile profile, model::UkeyKind kind, const std::string& ukey) {
    pki::CertificateOrder order;
    order.profile = profile;
    order.subject.utility = "Test Utility";
    order.subject.kind = kind;
    order.subject.ukey = must(base::UkeySerial::parse(ukey));
    order.spki = spki;
    order.not_before = kDayOne - base::kDay;
    order.not_after = kDayOne + 365 * base::kDay;
    return order;
}

}  // namespace

TestKey::TestKey(Type type) : key_(type == Type::ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519") : EVP_EC_gen("P-256")) {
    if (!key_) throw std::runtime_error("no key");
}

base::Bytes TestKey::spki() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    base::Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
}

base::Bytes TestKey::sign_message(base::ByteView message) const {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const bool ed = EVP_PKEY_is_a(key_.get(), "ED25519") == 1;
    base::Bytes out(128);
    std::size_t size = out.size();
    if (EVP_DigestSignInit(context.get(), nullptr, ed ? nullptr : EVP_sha256(), nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1)
        throw std::runtime_error("cannot sign");
    out.resize(size);
    return out;
}

base::Bytes TestKey::sign_raw(base::ByteView message) const {
    const base::Bytes der = sign_message(message);
    const unsigned char* at = der.data();
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> sig(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
    base::Bytes out(64);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig.get()), out.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig.get()), out.data() + 32, 32);
    return out;
}

base::Bytes TestKey::sign_statement(std::string_view purpose, base::ByteView statement) const {
    base::ByteWriter message;
    message.text("kmp/v1/");
    message.text(purpose);
    message.u8(0);
    message.bytes(statement);
    return sign_raw(message.view());
}

TestPki::TestPki()
    : anchor(must(pki::issue_anchor(order_for(issuing.spki(), pki::Profile::issuing, model::UkeyKind::master_control, "M1"), issuing))),
      checkpoint_certificate(certify(checkpoint.spki(), pki::Profile::checkpoint, model::UkeyKind::platform, "P1")) {}

pki::Certificate TestPki::certify(const base::Bytes& spki, pki::Profile profile, model::UkeyKind kind, const std::string& ukey) {
    return must(pki::issue(order_for(spki, profile, kind, ukey), anchor, issuing));
}

SampleLog::SampleLog() = default;

void SampleLog::add(const audit::Event& event, base::Millis time) { records.push_back(must(event.encode(records.size(), time))); }

audit::Event SampleLog::genesis() const {
    audit::Event e(audit::EventType::genesis);
    e.text(audit::Field::origin, kOrigin).text(audit::Field::utility, "Test Utility").number(audit::Field::day_offset, 720 + 480);
    e.bytes(audit::Field::trust_anchor, pki.anchor.der()).bytes(audit::Field::checkpoint_key, pki.checkpoint.spki());
    return e;
}

model::Grant SampleLog::grant() {
    model::Grant g;
    g.ukey = must(base::UkeySerial::parse("U1"));
    g.number = 1;
    g.home = must(base::UkeySerial::parse("P1"));
    g.station = "s-1";
    g.operations = model::bit(model::Operation::recharge) | model::bit(model::Operation::open_account) | model::bit(model::Operation::initialise_wallet);
    g.classes = model::class_bit(model::KeyClass::credit);
    g.meters = {{must(model::MeterNumber::from_number(100'000'000'001)), must(model::MeterNumber::from_number(100'000'000'999))}};
    g.per_order = model::Fen(10'000);
    g.per_day = model::Fen(30'000);
    g.per_month = model::Fen(50'000);
    g.orders_per_minute = 60;
    g.not_before = kDayOne - base::kDay;
    g.not_after = kDayOne + 300 * base::kDay;
    return g;
}

audit::Event SampleLog::grant_set(const model::Grant& grant) const {
    const base::Bytes statement = grant.encode();
    audit::Event e(audit::EventType::grant_set);
    e.text(audit::Field::ukey, grant.ukey.text()).number(audit::Field::grant_number, grant.number).bytes(audit::Field::grant, statement);
    e.bytes(audit::Field::signature, pki.issuing.sign_statement("grant", statement));
    return e;
}

audit::Event SampleLog::order(std::uint8_t n) {
    base::Bytes id = *base::from_hex("019aa9d0c1007c4d8e5f607182930000");
    id[15] = n;
    audit::Event e(audit::EventType::order);
    e.text(audit::Field::ukey, "U1").text(audit::Field::station, "s-1").number(audit::Field::meter, 100'000'000'001).bytes(audit::Field::order_id, id);
    e.value(audit::Field::operation, model::Operation::recharge).number(audit::Field::amount, 1000).number(audit::Field::count, n);
    e.bytes(audit::Field::content_hash, base::sha256(id)).number(audit::Field::grant_number, 1);
    return e;
}

void SampleLog::begin() {
    using audit::Event, audit::EventType, audit::Field;
    add(genesis());
    add(Event(EventType::ukey_initialised).text(Field::ukey, "U1").value(Field::ukey_kind, model::UkeyKind::user));
    add(Event(EventType::ukey_issued).text(Field::ukey, "U1").value(Field::ukey_kind, model::UkeyKind::user).text(Field::holder, "Li Wei"));
    add(grant_set(grant()));
}

void SampleLog::begin_with_orders(int count) {
    begin();
    for (int i = 1; i <= count; ++i) add(order(static_cast<std::uint8_t>(i)));
}

audit::Checkpoint SampleLog::checkpoint() const {
    audit::Frontier tree;
    for (const base::Bytes& r : records) tree.append(audit::leaf_hash(r));
    return {kOrigin, tree.size(), tree.root()};
}

std::string SampleLog::note() { return must(audit::sign_checkpoint(checkpoint(), pki.checkpoint)); }

audit::ExportHead SampleLog::head() const { return {kOrigin, 0, records.size(), {pki.anchor.der(), pki.checkpoint_certificate.der()}}; }

base::Bytes SampleLog::exported() { return exported(head(), note()); }

namespace {

/// The first 8 bytes of SHA-256 of `bytes`.
base::ByteView stub(const base::Digest& hash) { return base::ByteView(hash).first(8); }

/// The root over these records, computed apart from audit/merkle.h: RFC 9162, 2.1.1, as it is written there.
base::Digest tree_hash(std::span<const base::Bytes> records) {
    if (records.empty()) return base::sha256(base::ByteView{});
    const std::uint8_t zero[] = {0};
    const std::uint8_t one[] = {1};
    if (records.size() == 1) return base::sha256({zero, records[0]});
    std::size_t k = 1;
    while (k * 2 < records.size()) k *= 2;
    return base::sha256({one, tree_hash(records.first(k)), tree_hash(records.subspan(k))});
}

}  // namespace

base::Bytes SampleLog::block(std::size_t first, std::size_t end) const {
    const std::uint8_t zero[] = {0};
    base::ByteWriter w;
    w.u16(0xFFFF);
    w.u64(first);
    w.u16(static_cast<std::uint16_t>(end - first));
    w.bytes(stub(tree_hash(std::span(records).first(first))));
    for (std::size_t i = first; i < end; ++i) w.bytes(stub(base::sha256({zero, records[i]})));
    w.bytes(stub(base::sha256(w.view())));
    return std::move(w).take();
}

base::Bytes SampleLog::exported(const audit::ExportHead& head, const std::string& note) const {
    // Written from docs/AUDIT_FORMAT.md, apart from audit/export.cpp.
    base::ByteWriter w;
    for (const char c : std::string_view("KMPAUDIT")) w.u8(static_cast<std::uint8_t>(c));  // byte by byte: GCC 12 sees an overflow in w.text()
    w.u8(2);
    w.sized16(head.origin);
    w.u64(head.first);
    w.u64(head.end);
    w.u8(static_cast<std::uint8_t>(head.certificates.size()));
    for (const auto& c : head.certificates) w.sized16(c);
    w.bytes(stub(base::sha256(w.view())));
    for (std::size_t i = 0, begin = 0; i < records.size(); ++i) {
        w.sized16(records[i]);
        if ((i + 1) % 256 != 0 && i + 1 != records.size()) continue;
        w.bytes(block(begin, i + 1));
        begin = i + 1;
    }
    w.u16(0);
    w.sized16(note);
    w.bytes(stub(base::sha256(base::as_bytes(note))));
    return std::move(w).take();
}

audit::Verdict SampleLog::verify(const base::Bytes& bytes) const {
    audit::VerifyOptions options;
    options.trust_anchor = pki.anchor.der();
    return must(audit::verify_export(source_of(bytes), options));
}

audit::Event event_of(const audit::Record& record) {
    audit::Event event(record.type());
    for (const auto& item : record.items()) event.bytes(item.field, item.value);
    return event;
}

audit::ByteSource source_of(const base::Bytes& bytes, std::size_t piece) {
    return [&bytes, piece, at = std::size_t{0}](std::span<std::uint8_t> out) mutable -> base::Result<std::size_t> {
        const std::size_t n = std::min({piece, out.size(), bytes.size() - at});
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), n, out.begin());
        at += n;
        return n;
    };
}

std::vector<std::string> rules_of(const audit::Verdict& verdict) {
    std::vector<std::string> out;
    for (const audit::Finding& f : verdict.findings) out.push_back(f.rule + (f.index ? "@" + std::to_string(*f.index) : ""));
    return out;
}
