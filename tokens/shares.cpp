#include "tokens/shares.h"

#include <openssl/hmac.h>
#include <sys/random.h>

#include <cstdlib>
#include <memory>

extern "C" {
#include <libgfshare.h>
}

namespace tokens {
namespace {

using base::Code;

struct FreeContext {
    void operator()(gfshare_ctx* context) const noexcept { gfshare_ctx_free(context); }  // overwrites what it held
};
using Context = std::unique_ptr<gfshare_ctx, FreeContext>;

void fill_from_system(unsigned char* out, unsigned int size) {
    for (unsigned int done = 0; done < size;) {
        const ssize_t n = getrandom(out + done, size - done, 0);
        if (n <= 0) std::abort();  // a system without randomness must not go on
        done += static_cast<unsigned int>(n);
    }
}

/// The library comes without a generator, and crashes without one.
void give_generator() {
    static const bool given = [] {
        gfshare_fill_rand = fill_from_system;
        return true;
    }();
    (void)given;
}

}  // namespace

std::vector<Share> split(const base::Secret& secret, unsigned count, unsigned needed) {
    give_generator();
    std::vector<unsigned char> places(count);
    for (unsigned i = 0; i < count; ++i) places[i] = static_cast<unsigned char>(i + 1);
    const Context context(gfshare_ctx_init_enc(places.data(), count, static_cast<unsigned char>(needed), static_cast<unsigned int>(secret.size())));
    if (!context) throw std::bad_alloc();
    // The library wants to write to what it only reads.
    base::Secret copy = secret.duplicate();
    copy.fill([&](std::span<std::uint8_t> s) { gfshare_ctx_enc_setsecret(context.get(), s.data()); });
    std::vector<Share> out;
    for (unsigned i = 0; i < count; ++i) {
        Share share{places[i], base::Secret(secret.size())};
        share.value.fill([&](std::span<std::uint8_t> s) { gfshare_ctx_enc_getshare(context.get(), static_cast<unsigned char>(i), s.data()); });
        out.push_back(std::move(share));
    }
    return out;
}

base::Result<base::Secret> join(const std::vector<Share>& shares) {
    give_generator();
    if (shares.empty()) return {Code::invalid_argument, "no share was given"};
    std::vector<unsigned char> places;
    for (const Share& s : shares) {
        if (s.place == 0 || s.value.empty() || s.value.size() != shares.front().value.size()) return {Code::invalid_argument, "a share that does not belong to the others"};
        for (const unsigned char p : places)
            if (p == s.place) return {Code::invalid_argument, "one share was given twice"};
        places.push_back(s.place);
    }
    const auto count = static_cast<unsigned int>(shares.size());
    const Context context(gfshare_ctx_init_dec(places.data(), count, static_cast<unsigned int>(shares.front().value.size())));
    if (!context) throw std::bad_alloc();
    for (unsigned int i = 0; i < count; ++i) {
        base::Secret copy = shares[i].value.duplicate();
        copy.fill([&](std::span<std::uint8_t> s) { gfshare_ctx_dec_giveshare(context.get(), static_cast<unsigned char>(i), s.data()); });
    }
    base::Secret out(shares.front().value.size());
    out.fill([&](std::span<std::uint8_t> s) { gfshare_ctx_dec_extract(context.get(), s.data()); });
    return out;
}

base::Digest digest_of_quorum_secret(const base::Secret& secret) {
    return secret.reveal([](base::ByteView s) {
        constexpr std::uint8_t zero[] = {0};
        return base::sha256({base::as_bytes("kmp/v1/quorum-secret"), zero, s});
    });
}

base::Secret derive_from_quorum_secret(const base::Secret& secret, std::string_view what, std::string_view ukey) {
    std::string message = "kmp/v1/";
    message.append(what).push_back('\0');
    message.append(ukey);
    base::Secret out(32);
    secret.reveal([&](base::ByteView key) {
        out.fill([&](std::span<std::uint8_t> o) {
            unsigned int size = 0;
            if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()), message.size(), o.data(), &size) == nullptr)
                std::abort();  // only for want of memory
        });
    });
    return out;
}

}  // namespace tokens
