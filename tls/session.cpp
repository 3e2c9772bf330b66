#include "tls/session.h"

#include <openssl/err.h>

#include "tls/context_inside.h"

namespace tls {
namespace {

using base::Code;

}  // namespace

struct Session::Inside {
    std::shared_ptr<const Context::Inside> context;
    Ssl ssl;
    BIO* in = nullptr;   ///< both owned by ssl
    BIO* out = nullptr;
};

Session::Session(const Context& context) : inside_(std::make_unique<Inside>()) {
    inside_->context = context.inside_;
    inside_->ssl.reset(SSL_new(context.inside_->ssl.get()));
    inside_->in = BIO_new(BIO_s_mem());
    inside_->out = BIO_new(BIO_s_mem());
    if (!inside_->ssl || inside_->in == nullptr || inside_->out == nullptr) throw std::bad_alloc();
    BIO_set_mem_eof_return(inside_->in, -1);  // nothing there yet is no end
    SSL_set_bio(inside_->ssl.get(), inside_->in, inside_->out);
    context.inside_->server ? SSL_set_accept_state(inside_->ssl.get()) : SSL_set_connect_state(inside_->ssl.get());
}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

base::Result<bool> Session::handshake() {
    ERR_clear_error();
    (void)take_signing_error();
    const int done = SSL_do_handshake(inside_->ssl.get());
    if (done == 1) return true;
    if (SSL_get_error(inside_->ssl.get(), done) == SSL_ERROR_WANT_READ) return false;
    const std::string words = last_words();
    if (auto signing = take_signing_error()) return std::move(*signing);
    const long verified = SSL_get_verify_result(inside_->ssl.get());
    if (verified != X509_V_OK) return {Code::denied, std::string("its certificate does not hold: ") + X509_verify_cert_error_string(verified)};
    return {Code::io_failed, "no TLS 1.3 connection came about: " + words};
}

std::optional<base::Digest> Session::proven_key() const {
    const X509* shown = inside_->context->server && SSL_is_init_finished(inside_->ssl.get()) == 1 ? SSL_get0_peer_certificate(inside_->ssl.get()) : nullptr;
    if (shown == nullptr) return std::nullopt;
    return key_id_of(shown);
}

void Session::received(base::ByteView bytes) {
    if (!bytes.empty() && BIO_write(inside_->in, bytes.data(), static_cast<int>(bytes.size())) != static_cast<int>(bytes.size())) throw std::bad_alloc();
}

base::Bytes Session::to_send() {
    base::Bytes out(BIO_ctrl_pending(inside_->out));
    if (!out.empty() && BIO_read(inside_->out, out.data(), static_cast<int>(out.size())) != static_cast<int>(out.size())) throw std::bad_alloc();
    return out;
}

base::Result<std::size_t> Session::read(std::span<std::uint8_t> room) {
    if (room.empty()) return std::size_t{0};
    ERR_clear_error();
    std::size_t size = 0;
    const int done = SSL_read_ex(inside_->ssl.get(), room.data(), room.size(), &size);
    if (done == 1) return size;
    const int why = SSL_get_error(inside_->ssl.get(), done);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return std::size_t{0};
    ended_ = why == SSL_ERROR_ZERO_RETURN;
    // A client learns of its refusal only after the handshake, as it has the last word there.
    constexpr int kAlerts = SSL_AD_REASON_OFFSET;
    if (const unsigned long error = ERR_peek_error(); ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) >= kAlerts) {
        ERR_clear_error();
        return {Code::io_failed, std::string("the other end broke it off: ") + SSL_alert_desc_string_long(ERR_GET_REASON(error) - kAlerts)};
    }
    return {Code::io_failed, ended_ ? "the other end closed the connection" : "what came over the line is broken: " + last_words()};
}

base::Status Session::write(base::ByteView plain) {
    ERR_clear_error();
    std::size_t size = 0;
    if (plain.empty() || SSL_write_ex(inside_->ssl.get(), plain.data(), plain.size(), &size) == 1) return {};
    return {Code::io_failed, "TLS takes nothing to be sent: " + last_words()};
}

void Session::close() {
    ERR_clear_error();
    (void)SSL_shutdown(inside_->ssl.get());
    ERR_clear_error();
}

}  // namespace tls
