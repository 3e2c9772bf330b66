#pragma once
#include "tests/tokens/host/ukeys.h"

/// Masters on their way from a vault to a receiver.
namespace host_test {

inline pb::MasterName master_name(std::uint32_t key_class, std::uint32_t state, std::uint32_t version) {
    pb::MasterName out;
    out.set_key_class(key_class);
    out.set_state(state);
    out.set_version(version);
    return out;
}

/// All classes of both states; without control, and of the factory set class card alone, for a user UKEY.
inline std::vector<pb::MasterName> both_sets(bool with_control) {
    std::vector<pb::MasterName> out;
    for (std::uint32_t key_class = with_control ? 1 : 2; key_class <= 6; ++key_class) {
        if (with_control || key_class == 6) out.push_back(master_name(key_class, 0, 0));
        out.push_back(master_name(key_class, 1, 1));
    }
    return out;
}

inline Answer wrap(Ukey& master, const std::string& receiver_certificate, const std::vector<pb::MasterName>& names, std::string_view so_pin = kSoPin) {
    return master.host->call(request([&](auto& r) {
                                 r.mutable_wrap_masters()->set_receiver_certificate(receiver_certificate);
                                 for (const auto& name : names) *r.mutable_wrap_masters()->add_masters() = name;
                             }),
                             secrets(secret(pb::SO_PIN, so_pin)));
}

inline Answer unwrap(Ukey& receiver, const pb::WrappedMasters& masters, const std::string& issuer = "") {
    return receiver.host->call(request([&](auto& r) {
        *r.mutable_unwrap_masters()->mutable_masters() = masters.masters();
        *r.mutable_unwrap_masters()->mutable_keys() = masters.keys();
        r.mutable_unwrap_masters()->set_issuer(issuer);
    }));
}

/// Keys of the vault by name, and masters beside them.
inline Answer wrap_keys(Ukey& master, const std::string& receiver_certificate, const std::vector<std::string>& keys, const std::vector<pb::MasterName>& names = {},
                        const std::string& issuer = "") {
    return master.host->call(request([&](auto& r) {
                                 r.mutable_wrap_masters()->set_receiver_certificate(receiver_certificate);
                                 r.mutable_wrap_masters()->set_issuer(issuer);
                                 for (const auto& key : keys) r.mutable_wrap_masters()->add_keys(key);
                                 for (const auto& name : names) *r.mutable_wrap_masters()->add_masters() = name;
                             }),
                             secrets(secret(pb::SO_PIN, kSoPin)));
}

inline Answer anchor(Ukey& receiver, const std::string& certificate) {
    return receiver.host->call(request([&](auto& r) {
        r.mutable_store_certificate()->set_name("trust-anchor");
        r.mutable_store_certificate()->set_der(certificate);
    }));
}

/// A vault with its certificate.
struct Vault {
    std::unique_ptr<Ukey> ukey;
    std::string certificate;
    explicit Vault(const std::string& serial, Maker maker = usual_maker())
        : ukey(provisioned("master-control", serial, maker)), certificate(establish(*ukey)) {}
    /// The transport certificate of a receiver. kind: number of UkeyKind.
    std::string certify(Ukey& receiver, int kind) { return issue(*ukey, receiver.spki["transport"], {.serial = receiver.serial, .kind = kind}); }
};

/// A platform UKEY (kind 6) with the pepper of this vault.
inline std::unique_ptr<Ukey> peppered(Vault& vault, const std::string& serial) {
    auto out = provisioned("platform", serial);
    EXPECT_TRUE(anchor(*out, vault.certificate).ok());
    const Answer wrapped = wrap_keys(*vault.ukey, vault.certify(*out, 6), {"pepper"});
    EXPECT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
    const Answer taken = unwrap(*out, wrapped.reply.wrapped_masters());
    EXPECT_TRUE(taken.ok()) << taken.reply.failure().message();
    return out;
}

/// A key (kind 3) or user (kind 4) UKEY that holds both sets of this vault.
inline std::unique_ptr<Ukey> injected(Vault& vault, int kind, const std::string& serial, Maker maker = usual_maker()) {
    auto out = provisioned(kind == 3 ? "key" : "user", serial, maker);
    EXPECT_TRUE(anchor(*out, vault.certificate).ok());
    const Answer wrapped = wrap(*vault.ukey, vault.certify(*out, kind), both_sets(kind == 3));
    EXPECT_TRUE(wrapped.ok()) << wrapped.reply.failure().message();
    const Answer taken = unwrap(*out, wrapped.reply.wrapped_masters());
    EXPECT_TRUE(taken.ok()) << taken.reply.failure().message();
    return out;
}

}  // namespace host_test
