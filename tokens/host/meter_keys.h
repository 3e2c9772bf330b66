#pragma once
#include <list>
#include <unordered_map>

#include "tokens/host/suite_aes128.h"
#include "tokens/host/token.h"

namespace tokens::host {

/// The derived keys of meters and their cards, as session objects, the most recently used ones kept. One thread.
///
/// They are SENSITIVE, not EXTRACTABLE, and do exactly what their usage names. They are public session objects: CKA_PRIVATE only decides
/// who in this process may see the handle, the value is never shown either way, and a private one costs twice as much per MAC in SoftHSM2
/// (8.0 against 4.4 us; it decrypts the value each time). They go with the session at logout.
class MeterKeys {
public:
    /// A SoftHSM2 session object costs about 8 KiB.
    static constexpr std::size_t kLimit = 512;
    /// SoftHSM2 never frees about 190 bytes of a destroyed session object until it is finalised. After so many derivations the host
    /// recycles when it is idle (about 20 MB), after the second number in any case.
    static constexpr std::uint64_t kRecycleWhenIdle = 100'000;
    static constexpr std::uint64_t kRecycleAlways = 400'000;

    /// limit: 2 at least, a card's key and the node that it comes from
    explicit MeterKeys(Token& token, std::size_t limit = kLimit) : token_(token), limit_(limit) {}

    /// Derives, or finds, the key. The handle is good until the next call.
    /// errors: key_missing; those of the token
    base::Result<pkcs11::SecretKey> get(const KeyName& key);
    /// A derived key that can be wrapped and does nothing else: for sending it to its meter. Destroyed by the caller, at once.
    base::Result<pkcs11::SecretKey> derive_for_wrapping(const KeyName& key);

    /// Derivations since the module was last initialised.
    std::uint64_t derivations() const noexcept { return derivations_; }
    void recycled() noexcept { derivations_ = 0; }

private:
    /// The derivation block, and the factor of the node that it is derived from.
    using Name = std::array<std::uint8_t, 24>;
    struct Entry {
        Name name;
        pkcs11::SecretKey key;
    };
    struct Hash {
        std::size_t operator()(const Name& name) const noexcept;
    };
    void forget_when_dead();
    static Name name_of(const KeyName& key) noexcept;
    /// What `key` is derived from: a master, or a meter's node, which is then the most recently used key.
    base::Result<pkcs11::SecretKey> base_of(const KeyName& key);
    base::Result<pkcs11::SecretKey> derive(const KeyName& key, pkcs11::SecretKey base, pkcs11::Template attributes);

    Token& token_;
    std::size_t limit_;
    std::uint64_t generation_ = 0;
    std::uint64_t derivations_ = 0;
    bool private_objects_ = false;  ///< for a token that refuses public secret keys
    std::list<Entry> recent_;       ///< newest first
    std::unordered_map<Name, std::list<Entry>::iterator, Hash> by_name_;
};

}  // namespace tokens::host
