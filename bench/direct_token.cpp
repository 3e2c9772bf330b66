#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include "base/fd.h"
#include "bench/direct.h"
#include "pkcs11/session.h"

namespace bench {
namespace {

using base::Code;
using pkcs11::Mechanism;
using Steady = std::chrono::steady_clock;

constexpr std::array<std::uint8_t, 10> kP256{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};

base::Secret secret(std::string_view text) { return base::Secret::copy_of(base::as_bytes(text)); }

pkcs11::Template aes(CK_ATTRIBUTE_TYPE use, bool on_token, bool is_private) {
    pkcs11::Template out(CKO_SECRET_KEY, CKK_AES);
    out.flag(CKA_TOKEN, on_token).flag(CKA_PRIVATE, is_private).flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false).flag(CKA_ENCRYPT, false);
    out.flag(use, true).number(CKA_VALUE_LEN, 16);
    return out;
}

/// Repeats `f` for `seconds`, looking at the clock now and then; times a second.
template <class F>
base::Result<double> pace(double seconds, F&& f) {
    const auto begin = Steady::now();
    const auto end = begin + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
    std::uint64_t done = 0;
    for (;;) {
        for (int i = 0; i < 64; ++i, ++done) KMP_CHECK(f(done));
        if (const auto now = Steady::now(); now >= end) return static_cast<double>(done) / std::chrono::duration<double>(now - begin).count();
    }
}

/// A new token with its PINs.
base::Result<pkcs11::Session> new_token(pkcs11::Module& module) {
    KMP_TRY(const auto slots, module.slots());
    if (slots.empty()) return {Code::token_failed, "SoftHSM2 shows no slot"};
    const pkcs11::Slot blank = slots.back();  // behind those that are in use
    KMP_CHECK(module.initialise_token(blank, secret("so pin"), kSigningToken));
    KMP_TRY(const auto info, module.token_info(blank));
    KMP_CHECK(module.reinitialise());
    KMP_TRY(const auto slot, module.find_by_serial(info.serial));
    if (!slot) return {Code::token_failed, "SoftHSM2 lost its token"};
    KMP_TRY(pkcs11::Session session, pkcs11::Session::open(module, *slot));
    {
        KMP_TRY(const auto officer, pkcs11::Login::open(session, pkcs11::User::security_officer, secret("so pin")));
        KMP_CHECK(session.initialise_user_pin(secret(kUserPin)));
    }
    return session;
}

base::Result<TokenRates> measure(pkcs11::Module& module, double seconds) {
    KMP_TRY(pkcs11::Session session, new_token(module));
    KMP_TRY(const auto user, pkcs11::Login::open(session, pkcs11::User::user, secret(kUserPin)));
    const Mechanism generate(CKM_AES_KEY_GEN);
    KMP_TRY(const auto token_key, session.generate_key(generate, aes(CKA_SIGN, true, true)));
    KMP_TRY(const auto session_key, session.generate_key(generate, aes(CKA_SIGN, false, false)));
    KMP_TRY(const auto master, session.generate_key(generate, aes(CKA_DERIVE, true, true)));
    KMP_TRY(const pkcs11::Object copy, session.copy(master, pkcs11::Template().flag(CKA_TOKEN, false)));

    const std::array<std::uint8_t, 22> message{0x01, 0x07, 0x01, 0x02, 0xFF};  // as long as a MAC input of an order
    std::array<std::uint8_t, 16> mac{};
    const auto cmac = [&](pkcs11::SecretKey key) -> base::Status {
        KMP_CHECK(session.sign(Mechanism::aes_cmac(), key, message, mac));
        return {};
    };
    TokenRates out;
    KMP_TRY(out.cmac_token_key, pace(seconds, [&](std::uint64_t) { return cmac(token_key); }));
    KMP_TRY(out.cmac_session_key, pace(seconds, [&](std::uint64_t) { return cmac(session_key); }));
    KMP_TRY(out.derive_cmac, pace(seconds, [&](std::uint64_t n) -> base::Status {
        std::array<std::uint8_t, 16> block{1};
        std::memcpy(block.data() + 8, &n, 8);
        pkcs11::Template child = aes(CKA_SIGN, false, false);
        KMP_TRY(const auto key, session.derive(Mechanism::aes_ecb_data(block), pkcs11::as<pkcs11::SecretKey>(copy), child));
        KMP_CHECK(cmac(key));
        return session.destroy(key);
    }));
    return out;
}

pkcs11::Template half(bool is_private, CK_ATTRIBUTE_TYPE use) {
    pkcs11::Template out;
    out.flag(CKA_TOKEN, true).flag(CKA_PRIVATE, is_private).flag(use, true);
    if (is_private) out.flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false);
    return out;
}

base::Status make_rsa(pkcs11::Session& session) {
    constexpr std::array<std::uint8_t, 3> kExponent{1, 0, 1};
    pkcs11::Template open = half(false, CKA_WRAP);
    open.number(CKA_MODULUS_BITS, 3072).bytes(CKA_PUBLIC_EXPONENT, kExponent);
    KMP_TRY([[maybe_unused]] const auto pair, session.generate_key_pair(Mechanism(CKM_RSA_PKCS_KEY_PAIR_GEN), std::move(open), half(true, CKA_UNWRAP)));
    return {};
}

base::Status make_others(pkcs11::Session& session) {
    for (int i = 0; i < 2; ++i) {
        pkcs11::Template open = half(false, CKA_VERIFY);
        open.bytes(CKA_EC_PARAMS, kP256);
        KMP_TRY([[maybe_unused]] const auto pair, session.generate_key_pair(Mechanism(CKM_EC_KEY_PAIR_GEN), std::move(open), half(true, CKA_SIGN)));
        KMP_TRY([[maybe_unused]] const auto key, session.generate_key(Mechanism(CKM_AES_KEY_GEN), aes(CKA_SIGN, true, true)));
    }
    return {};
}

double ms_since(Steady::time_point begin) { return std::chrono::duration<double, std::milli>(Steady::now() - begin).count(); }

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

base::Result<std::unique_ptr<pkcs11::Module>> load_in(const std::string& folder, const std::string& module_path) {
    std::error_code error;
    std::filesystem::create_directories(folder + "/tokens", error);
    std::ofstream(folder + "/softhsm2.conf") << "directories.tokendir = " << folder << "/tokens\nobjectstore.backend = file\nlog.level = ERROR\n";
    if (setenv("SOFTHSM2_CONF", (folder + "/softhsm2.conf").c_str(), 1) != 0) return base::errno_error("naming SoftHSM2's configuration", errno);
    return pkcs11::Module::load(module_path);
}

using Figures = std::array<double, 3>;
/// What one of several processes measures; `number` counts them from 0.
using Measure = std::function<base::Result<Figures>(unsigned number)>;

/// A child's part: measures and writes the figures, or the error, to `out`.
[[noreturn]] void measure_in_child(int out, unsigned number, const Measure& measure) {
    std::string text;
    if (const auto figures = measure(number); figures)
        text = "ok " + std::to_string((*figures)[0]) + " " + std::to_string((*figures)[1]) + " " + std::to_string((*figures)[2]);
    else
        text = figures.error().message;
    (void)!write(out, text.data(), text.size());
    _exit(0);
}

/// `processes` at once: the sums.
base::Result<Figures> sum_of(unsigned processes, const Measure& measure) {
    struct Child {
        pid_t pid;
        base::Fd answer;
    };
    std::vector<Child> children;
    for (unsigned i = 0; i < processes; ++i) {
        int ends[2];
        if (pipe(ends) != 0) return base::errno_error("making a pipe", errno);
        const pid_t pid = fork();
        if (pid < 0) return base::errno_error("starting a process", errno);
        if (pid == 0) measure_in_child(ends[1], i, measure);
        close(ends[1]);
        children.push_back({pid, base::Fd(ends[0])});
    }
    Figures sum{};
    std::string problem;
    for (const Child& child : children) {
        std::array<char, 512> text{};
        const ssize_t n = read(child.answer.get(), text.data(), text.size() - 1);
        waitpid(child.pid, nullptr, 0);
        Figures one{};
        if (n > 0 && std::sscanf(text.data(), "ok %lf %lf %lf", &one[0], &one[1], &one[2]) == 3)
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += one[i];
        else
            problem = n > 0 ? text.data() : "a process ended without an answer";
    }
    if (!problem.empty()) return {Code::token_failed, problem};
    return sum;
}

/// One process after the other: of several that load SoftHSM2 behind p11-kit at the same moment some see no token.
class OneByOne {
public:
    static base::Result<OneByOne> make() {
        int ends[2];
        if (pipe(ends) != 0) return base::errno_error("making a pipe", errno);
        OneByOne out{base::Fd(ends[0]), base::Fd(ends[1])};
        out.pass_on();
        return out;
    }
    void wait_for_turn() const {
        char turn = 0;
        while (read(take_.get(), &turn, 1) < 0 && errno == EINTR) {}
    }
    void pass_on() const { (void)!write(give_.get(), "x", 1); }

private:
    OneByOne(base::Fd take, base::Fd give) : take_(std::move(take)), give_(std::move(give)) {}
    base::Fd take_, give_;
};

/// This process's turn, for as long as it lives.
class Turn {
public:
    explicit Turn(const OneByOne& all) : all_(all) { all_.wait_for_turn(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { all_.pass_on(); }

private:
    const OneByOne& all_;
};

base::Result<pkcs11::Session> open_signing_token(pkcs11::Module& module) {
    KMP_TRY(const auto slots, module.slots());
    for (const pkcs11::Slot slot : slots) {
        KMP_TRY(const auto info, module.token_info(slot));
        if (info.label == kSigningToken) return pkcs11::Session::open(module, slot);
    }
    return {Code::not_found, std::string("no token ") + kSigningToken + " is there"};
}

}  // namespace

base::Result<TokenRates> measure_token(const std::string& folder, const std::string& module_path, double seconds) {
    KMP_TRY(const auto module, load_in(folder, module_path));
    return measure(*module, seconds);
}

base::Result<KeyTimes> measure_keys(const std::string& folder, const std::string& module_path, unsigned times) {
    KMP_TRY(const auto module, load_in(folder, module_path));
    std::vector<double> initialise, rsa, others, all;
    for (unsigned i = 0; i < times; ++i) {
        const auto begin = Steady::now();
        KMP_TRY(pkcs11::Session session, new_token(*module));
        KMP_TRY(const auto user, pkcs11::Login::open(session, pkcs11::User::user, secret(kUserPin)));
        initialise.push_back(ms_since(begin));
        const auto pair = Steady::now();
        KMP_CHECK(make_rsa(session));
        rsa.push_back(ms_since(pair));
        const auto rest = Steady::now();
        KMP_CHECK(make_others(session));
        others.push_back(ms_since(rest));
        all.push_back(ms_since(begin));
    }
    return KeyTimes{median(initialise), median(rsa), median(others), median(all)};
}

base::Result<TokenRates> measure_token_in(unsigned processes, const std::string& folder, const std::string& module, double seconds) {
    KMP_TRY(const Figures sum, sum_of(processes, [&](unsigned number) -> base::Result<Figures> {
                KMP_TRY(const TokenRates r, measure_token(folder + "/" + std::to_string(number), module, seconds));
                return Figures{r.cmac_token_key, r.cmac_session_key, r.derive_cmac};
            }));
    return TokenRates{sum[0], sum[1], sum[2]};
}

base::Status make_signing_token(const std::string& folder, const std::string& module_path) {
    KMP_TRY(const auto module, load_in(folder, module_path));
    KMP_TRY(pkcs11::Session session, new_token(*module));
    KMP_TRY(const auto user, pkcs11::Login::open(session, pkcs11::User::user, secret(kUserPin)));
    constexpr std::array<std::uint8_t, 1> kId{1};
    pkcs11::Template open = half(false, CKA_VERIFY);
    open.bytes(CKA_EC_PARAMS, kP256).bytes(CKA_ID, kId).text(CKA_LABEL, kSigningToken);
    pkcs11::Template closed = half(true, CKA_SIGN);
    closed.flag(CKA_PRIVATE, true).bytes(CKA_ID, kId).text(CKA_LABEL, kSigningToken);
    KMP_TRY([[maybe_unused]] const auto pair, session.generate_key_pair(Mechanism(CKM_EC_KEY_PAIR_GEN), std::move(open), std::move(closed)));
    pkcs11::Template hmac(CKO_SECRET_KEY, CKK_GENERIC_SECRET);
    hmac.flag(CKA_TOKEN, true).flag(CKA_PRIVATE, true).flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false).flag(CKA_SIGN, true).number(CKA_VALUE_LEN, 32);
    KMP_TRY([[maybe_unused]] const auto key, session.generate_key(Mechanism(CKM_GENERIC_SECRET_KEY_GEN), std::move(hmac)));
    return {};
}

base::Result<SigningRates> measure_signing(unsigned clients, const std::string& module_path, double seconds) {
    KMP_TRY(const OneByOne turns, OneByOne::make());
    KMP_TRY(const Figures sum, sum_of(clients, [&](unsigned) -> base::Result<Figures> {
                auto turn = std::make_unique<Turn>(turns);
                KMP_TRY(const auto module, pkcs11::Module::load(module_path));
                KMP_TRY(pkcs11::Session session, open_signing_token(*module));
                KMP_TRY(const auto user, pkcs11::Login::open(session, pkcs11::User::user, secret(kUserPin)));
                KMP_TRY(const auto hmac, session.find_one(pkcs11::Template(CKO_SECRET_KEY, CKK_GENERIC_SECRET)));
                KMP_TRY(const auto p256, session.find_one(pkcs11::Template(CKO_PRIVATE_KEY, CKK_EC)));
                if (!hmac || !p256) return {Code::key_missing, "the token has not both keys"};
                turn.reset();
                const std::array<std::uint8_t, 64> message{1};
                std::array<std::uint8_t, 64> signature{};
                const auto signing = [&](CK_MECHANISM_TYPE how, pkcs11::Object key, base::ByteView what) {
                    return pace(seconds, [&, how, key, what](std::uint64_t) -> base::Status {
                        KMP_CHECK(session.sign(Mechanism(how), key, what, signature));
                        return {};
                    });
                };
                Figures out{};
                KMP_TRY(out[0], signing(CKM_SHA256_HMAC, hmac, message));
                KMP_TRY(out[1], signing(CKM_ECDSA, p256, base::ByteView(message).first(32)));
                return out;
            }));
    return SigningRates{sum[0], sum[1]};
}

}  // namespace bench
