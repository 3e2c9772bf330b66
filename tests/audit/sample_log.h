#pragma once
#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/event.h"
#include "audit/export.h"
#include "audit/journal.h"
#include "audit/verifier.h"
#include "model/grant.h"
#include "pki/certificate.h"
#include "tests/store/temporary_folder.h"

/// A private key in this process, in place of one in a token.
class TestKey final : public pki::Signer, public audit::CheckpointSigner {
public:
    enum class Type { ed25519, p256 };
    explicit TestKey(Type type);
    base::Bytes spki() const;
    /// Ed25519: 64 bytes. P-256 with SHA-256: DER.
    base::Bytes sign_message(base::ByteView message) const;
    /// P-256 as r || s.
    base::Bytes sign_raw(base::ByteView message) const;
    /// "kmp/v1/<purpose>" 00 statement, as a UKEY's identity or issuing key signs it.
    base::Bytes sign_statement(std::string_view purpose, base::ByteView statement) const;

    base::Result<base::Bytes> sign_tbs(base::ByteView tbs) override { return sign_message(tbs); }
    base::Result<base::Bytes> sign(base::ByteView body) override { return sign_message(body); }
    base::Result<base::Bytes> public_key() override { return spki(); }

private:
    struct Free {
        void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    };
    std::unique_ptr<EVP_PKEY, Free> key_;
};

inline constexpr base::Millis kDayOne = 1'763'791'200'000;  // 2025-11-22T06:00:00Z, a Saturday

/// The trust anchor of a utility and the checkpoint key of its platform UKEY.
struct TestPki {
    TestPki();
    pki::Certificate certify(const base::Bytes& spki, pki::Profile profile, model::UkeyKind kind, const std::string& ukey);
    TestKey issuing{TestKey::Type::p256};
    TestKey checkpoint{TestKey::Type::ed25519};
    pki::Certificate anchor;
    pki::Certificate checkpoint_certificate;
};

/// A small log that keeps all rules: add to it, bend it, export it.
class SampleLog {
public:
    static constexpr const char* kOrigin = "kmp.example/test";
    SampleLog();

    TestPki pki;
    std::vector<base::Bytes> records;

    /// Appends an event as it stands: whether it keeps the rules is the test's business.
    void add(const audit::Event& event, base::Millis time);
    void add(const audit::Event& event) { add(event, now); }
    base::Millis now = kDayOne;

    audit::Event genesis() const;
    audit::Event grant_set(const model::Grant& grant) const;
    /// What U1 of station s-1 was granted.
    static model::Grant grant();
    /// Order number `n` of meter 100000000001, for 10 yuan, with purchase count n.
    static audit::Event order(std::uint8_t n);
    /// genesis, U1 initialised and issued and granted.
    void begin();
    void begin_with_orders(int count);

    audit::Checkpoint checkpoint() const;
    std::string note();
    base::Bytes exported();
    /// The same, bent first: `head` and the note as given.
    base::Bytes exported(const audit::ExportHead& head, const std::string& note) const;
    audit::ExportHead head() const;
    /// The block of an export over these records, as docs/AUDIT_FORMAT.md has it.
    base::Bytes block(std::size_t first, std::size_t end) const;
    /// Verified with the anchor given.
    audit::Verdict verify(const base::Bytes& bytes) const;
    audit::Verdict verify() { return verify(exported()); }
};

/// What `record` was made of: appended elsewhere at the same place and time it is the same record.
audit::Event event_of(const audit::Record& record);

/// Feeds bytes in pieces of `piece`.
audit::ByteSource source_of(const base::Bytes& bytes, std::size_t piece = 1000);

/// "rule@index" of each finding, or "rule" without one.
std::vector<std::string> rules_of(const audit::Verdict& verdict);
