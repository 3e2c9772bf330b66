#pragma once
#include "base/clock.h"
#include "tests/pki/fixture.h"
#include "tls/session.h"

namespace tls_test {

using pki_test::TestKey;

struct Met {
    base::Result<bool> client = false;
    base::Result<bool> server = false;
    bool both() const { return client && *client && server && *server; }
};

/// Carries what each says to the other until both are done or one has given up.
inline Met shake_hands(tls::Session& client, tls::Session& server) {
    Met met;
    for (int turn = 0; turn < 10 && !met.both(); ++turn) {
        if (met.client && !*met.client) met.client = client.handshake();
        server.received(client.to_send());
        if (!met.client) break;
        if (met.server && !*met.server) met.server = server.handshake();
        client.received(server.to_send());
        if (!met.server) {
            if (!*met.client) met.client = client.handshake();
            break;
        }
    }
    return met;
}

inline std::string said(tls::Session& from) {
    base::Bytes room(65536);
    const auto size = from.read(room);
    return size ? std::string(base::as_text(base::ByteView(room).first(*size))) : "(" + size.error().message + ")";
}

/// A master-control UKEY's anchor and a service's certificate, both of today.
struct Tls : pki_test::Pki {
    static base::Millis now() { return base::SystemClock().now(); }
    pki::Certificate make(pki::Profile profile, model::UkeyKind kind, TestKey& of, base::Millis until, TestKey& by, const pki::Certificate& issuer) const {
        pki::CertificateOrder o = order(profile, subject(kind, "P-1"), of.spki());
        o.not_before = now() - base::kDay;
        o.not_after = until;
        auto out = pki::issue(o, issuer, by);
        if (!out) throw std::runtime_error(out.error().message);
        return *out;
    }
    pki::Certificate anchor_of(TestKey& with, const std::string& serial) const {
        pki::CertificateOrder o = order(pki::Profile::issuing, subject(model::UkeyKind::master_control, serial), with.spki());
        o.not_before = now() - base::kDay;
        o.not_after = now() + pki_test::kYear;
        auto out = pki::issue_anchor(o, with);
        if (!out) throw std::runtime_error(out.error().message);
        return *out;
    }
    tls::RemoteSign signer() {
        return [this](base::ByteView content) -> base::Result<base::Bytes> {
            asked.push_back(base::to_bytes(content));
            return server_key.sign(content, EVP_sha256());
        };
    }
    tls::Context server(const pki::Certificate& certificate, tls::RemoteSign sign) {
        auto out = tls::Context::server({{certificate.der()}, std::move(sign)});
        if (!out) throw std::runtime_error(out.error().message);
        return std::move(*out);
    }
    static tls::Context client(const std::string& trusted, std::optional<tls::Identity> shown = std::nullopt) {
        auto out = tls::Context::client(trusted, std::move(shown));
        if (!out) throw std::runtime_error(out.error().message);
        return std::move(*out);
    }

    TestKey master = TestKey::p256();
    TestKey server_key = TestKey::p256();
    pki::Certificate house = anchor_of(master, "M-1");
    pki::Certificate own = make(pki::Profile::tls, model::UkeyKind::platform, server_key, now() + base::kDay, master, house);
    std::vector<base::Bytes> asked;
};

}  // namespace tls_test
