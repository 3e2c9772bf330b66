#include "pcsc/card_reader.h"

#include <winscard.h>

#include <algorithm>

namespace pcsc {
namespace {

using base::Code;
using Steady = std::chrono::steady_clock;
using Wait = std::chrono::milliseconds;

constexpr std::size_t kMaxAnswer = 258;  // 256 bytes and the status word
constexpr Wait kLook{500};               // between two looks at a reader that has no card yet

base::Error translate(LONG rc, const std::string& what) {
    const auto error = [&](Code code, const std::string& why) { return base::Error{code, what + ": " + why, rc}; };
    switch (rc) {
        case SCARD_E_NO_SERVICE:
        case SCARD_E_SERVICE_STOPPED:
        case SCARD_F_COMM_ERROR: return error(Code::io_failed, "pcscd is not running: start it (systemctl start pcscd)");
        case SCARD_E_NO_READERS_AVAILABLE: return error(Code::not_found, "pcscd knows no reader: plug one in");
        case SCARD_E_UNKNOWN_READER: return error(Code::not_found, "there is no such reader");
        case SCARD_E_READER_UNAVAILABLE: return error(Code::io_failed, "the reader was unplugged: plug it in again");
        case SCARD_E_NO_SMARTCARD:
        case SCARD_W_REMOVED_CARD: return error(Code::token_removed, "the card was pulled out: put it in again");
        case SCARD_W_RESET_CARD: return error(Code::token_removed, "another program reset the card: start again");
        case SCARD_E_SHARING_VIOLATION: return error(Code::busy, "another program uses the card: end it, or try again shortly");
        case SCARD_W_UNRESPONSIVE_CARD:
        case SCARD_W_UNPOWERED_CARD:
        case SCARD_W_UNSUPPORTED_CARD: return error(Code::io_failed, "the card does not answer: is it the right way round?");
        default: return error(Code::io_failed, pcsc_stringify_error(rc));
    }
}

/// A connection to pcscd.
class Context {
public:
    static base::Result<Context> open() {
        Context out;
        const LONG rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &out.handle_);
        if (rc != SCARD_S_SUCCESS) return translate(rc, "smart card readers");
        out.open_ = true;
        return out;
    }
    Context(Context&& other) noexcept : handle_(other.handle_), open_(std::exchange(other.open_, false)) {}
    Context& operator=(Context&&) = delete;
    ~Context() {
        if (open_) SCardReleaseContext(handle_);
    }
    SCARDCONTEXT get() const noexcept { return handle_; }

    base::Result<std::vector<std::string>> readers() const {
        DWORD size = 0;
        LONG rc = SCardListReaders(handle_, nullptr, nullptr, &size);
        if (rc == SCARD_E_NO_READERS_AVAILABLE) return std::vector<std::string>();
        std::string names(size, '\0');
        if (rc == SCARD_S_SUCCESS) rc = SCardListReaders(handle_, nullptr, names.data(), &size);
        if (rc != SCARD_S_SUCCESS) return translate(rc, "smart card readers");
        std::vector<std::string> out;  // each ends with a zero byte, and an empty one ends them all
        for (std::size_t at = 0; at < names.size() && names[at] != '\0'; at += out.back().size() + 1) out.emplace_back(names.c_str() + at);
        return out;
    }

private:
    Context() = default;
    SCARDCONTEXT handle_ = 0;
    bool open_ = false;
};

class PoweredCard final : public CardReader {
public:
    PoweredCard(Context context, SCARDHANDLE handle, DWORD protocol, std::string name)
        : context_(std::move(context)), handle_(handle), protocol_(protocol), name_(std::move(name)) {}
    /// Resetting a card that is gone confuses pcscd about the next one.
    ~PoweredCard() override { SCardDisconnect(handle_, gone_ ? SCARD_LEAVE_CARD : SCARD_RESET_CARD); }
    PoweredCard(const PoweredCard&) = delete;
    PoweredCard& operator=(const PoweredCard&) = delete;

    base::Result<base::Bytes> transmit(base::ByteView apdu) override {
        base::Bytes answer(kMaxAnswer);
        DWORD size = answer.size();
        const LONG rc = SCardTransmit(handle_, protocol_ == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0, apdu.data(), apdu.size(), nullptr, answer.data(), &size);
        // A card that goes while it is waited for is a failed transfer to one driver, and an empty answer to another.
        const bool suspicious = rc == SCARD_E_NOT_TRANSACTED || (rc == SCARD_S_SUCCESS && size < 2);
        gone_ = gone_ || rc == SCARD_W_REMOVED_CARD || rc == SCARD_E_NO_SMARTCARD || (suspicious && !present());
        if (gone_) return translate(SCARD_W_REMOVED_CARD, name_);
        if (rc != SCARD_S_SUCCESS) return translate(rc, name_);
        if (size < 2) return {Code::malformed, name_ + ": the card answered without a status word"};
        answer.resize(size);
        return answer;
    }
    std::string_view name() const noexcept override { return name_; }

private:
    /// A driver often says only that a transfer failed, and pcscd learns a little later that the card is gone.
    bool present() const {
        SCARD_READERSTATE state{};
        state.szReader = name_.c_str();
        state.dwCurrentState = SCARD_STATE_UNAWARE;
        for (int i = 0; i < 2; ++i) {
            if (SCardGetStatusChange(context_.get(), i == 0 ? 0 : 2000, &state, 1) != SCARD_S_SUCCESS && i == 0) return false;
            if ((state.dwEventState & SCARD_STATE_PRESENT) == 0) return false;
            state.dwCurrentState = state.dwEventState & ~static_cast<DWORD>(SCARD_STATE_CHANGED);
        }
        return true;
    }

    Context context_;
    SCARDHANDLE handle_;
    DWORD protocol_;
    std::string name_;
    bool gone_ = false;
};

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& n : names) out += (out.empty() ? "'" : ", '") + n + "'";
    return out.empty() ? "none" : out;
}

base::Result<std::string> choose(const Context& context, std::string_view name) {
    KMP_TRY(const std::vector<std::string> names, context.readers());
    if (name == "auto") {
        if (names.empty()) return translate(SCARD_E_NO_READERS_AVAILABLE, "smart card readers");
        if (names.size() > 1) return {Code::invalid_argument, "there are several readers, so --reader must name one of " + listed(names)};
        return names.front();
    }
    if (std::find(names.begin(), names.end(), name) == names.end())
        return {Code::not_found, "there is no reader '" + std::string(name) + "'; pcscd knows " + listed(names)};
    return std::string(name);
}

base::Status wait_for_card(const Context& context, const std::string& name, Wait patience) {
    const auto end = Steady::now() + patience;
    SCARD_READERSTATE state{};
    state.szReader = name.c_str();
    state.dwCurrentState = SCARD_STATE_UNAWARE;
    for (;;) {
        const auto left = std::clamp(std::chrono::duration_cast<Wait>(end - Steady::now()), Wait(0), kLook);
        const LONG rc = SCardGetStatusChange(context.get(), static_cast<DWORD>(left.count()), &state, 1);
        if (rc != SCARD_S_SUCCESS && rc != SCARD_E_TIMEOUT) return translate(rc, name);
        if ((state.dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) != 0) return translate(SCARD_E_READER_UNAVAILABLE, name);
        if ((state.dwEventState & SCARD_STATE_PRESENT) != 0) return {};
        if (Steady::now() >= end) return {Code::not_found, name + ": no card is in the reader: put one in"};
        state.dwCurrentState = state.dwEventState & ~static_cast<DWORD>(SCARD_STATE_CHANGED);
    }
}

}  // namespace

base::Result<std::vector<std::string>> list_readers() {
    KMP_TRY(const Context context, Context::open());
    return context.readers();
}

base::Result<std::unique_ptr<CardReader>> open_reader(std::string_view wanted, Wait patience) {
    KMP_TRY(Context context, Context::open());
    KMP_TRY(std::string name, choose(context, wanted));
    KMP_CHECK(wait_for_card(context, name, patience));
    SCARDHANDLE handle = 0;
    DWORD protocol = 0;
    const LONG rc = SCardConnect(context.get(), name.c_str(), SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &handle, &protocol);
    if (rc != SCARD_S_SUCCESS) return translate(rc, name);
    return std::unique_ptr<CardReader>(std::make_unique<PoweredCard>(std::move(context), handle, protocol, std::move(name)));
}

}  // namespace pcsc
