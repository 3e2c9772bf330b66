#pragma once
#include <gtest/gtest.h>

#include <map>

#include "model/oids.h"
#include "tests/tokens/host/host_client.h"

/// UKEYs in temporary folders, and certificates for them built here with OpenSSL and signed through the host.
namespace host_test {

inline constexpr std::string_view kUserPin = "0123456789abcdef0123456789abcdef";
inline constexpr std::string_view kSoPin = "fedcba9876543210fedcba9876543210";

enum class Maker { softhsm, nss };
/// Whose tokens a test takes when it does not care: the same tests run once with each (KMP_TEST_MAKER=nss; otherwise SoftHSM2).
Maker usual_maker();

/// A UKEY in a folder of its own with a host running on it.
struct Ukey {
    Folder folder;
    Maker maker = Maker::softhsm;
    std::string serial;
    std::unique_ptr<HostClient> host;
    std::map<std::string, std::string> spki;  ///< DER by key name, as Provision answered

    void start() { host = std::make_unique<HostClient>(maker == Maker::nss ? HostClient::nss(folder.path()) : HostClient::softhsm(folder.path())); }
    Answer login(std::string_view pin = kUserPin);
};

/// Initialises; fails the test when that fails.
std::unique_ptr<Ukey> initialised(const std::string& serial, Maker maker = usual_maker());
/// Initialises and provisions.
std::unique_ptr<Ukey> provisioned(const std::string& kind, const std::string& serial, Maker maker = usual_maker(), bool empty_vault = false);

struct CertificateWish {
    std::string serial;
    int kind = 0;                               ///< of UkeyKind; 0: no policy
    std::string usage = model::kOidTransport;
    std::string issuer = "Test issuing";        ///< common name
    long not_before = -60;                      ///< seconds from now
    long not_after = 3600;
    bool ca = false;
    int path_length = -1;                       ///< of a CA; -1: not said
};
/// The TBSCertificate (DER) for a public key.
std::string tbs_certificate(const std::string& spki, const CertificateWish& wish);
/// A certificate from a TBSCertificate and a DER signature.
std::string certificate(const std::string& tbs, const std::string& signature);
/// A TBSCertList and a CertificationRequestInfo.
std::string tbs_crl(const std::string& issuer);
std::string request_info(const std::string& spki, const std::string& subject);
/// Signs through the master-control UKEY's issuing key.
std::string issue(Ukey& master, const std::string& spki, const CertificateWish& wish);
/// Gives the master-control UKEY a self-signed issuing certificate (subject "Test issuing") and stores it; returns it.
std::string establish(Ukey& master);

/// True when the DER signature over `message` (SHA-256 for P-256, plain for Ed25519) holds.
bool holds(const std::string& spki, std::string_view message, const std::string& signature);
/// DER of r || s.
std::string ecdsa_from_raw(const std::string& raw);
std::string sha256(std::string_view text);
/// From OpenSSL, to compare with: one AES-128 block, and AES-CMAC.
base::Bytes aes_ecb(base::ByteView key, base::ByteView block);
base::Bytes aes_cmac(base::ByteView key, base::ByteView message);
/// RFC 3394; empty when it does not hold.
base::Bytes aes_unwrap(base::ByteView key, base::ByteView wrapped);

template <class F>
pb::HostRequest request(F&& fill) {
    pb::HostRequest out;
    fill(out);
    return out;
}

}  // namespace host_test
