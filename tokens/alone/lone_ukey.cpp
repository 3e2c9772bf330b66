#include "tokens/alone/lone_ukey.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/digest.h"
#include "tokens/pin.h"
#include "tokens/readers.h"
#include "tokens/ukey_file.h"

namespace tokens::alone {
namespace {

using base::Code;
namespace pb = host::pb;

constexpr int kSocket = 3;  ///< where a tokenhost looks for its socket
constexpr int kPatience = 60'000;  ///< milliseconds

base::Result<std::string> beside_this_program() {
    std::error_code error;
    const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return base::errno_error("cannot find the running program", error.value());
    return (own.parent_path() / "kmp-tokenhost").string();
}

base::Error failure(const pb::HostFailure& f) {
    for (const Code code : {Code::wrong_pin, Code::pin_locked, Code::key_invalid, Code::key_missing, Code::token_removed, Code::token_unsuitable, Code::refused, Code::denied, Code::malformed})
        if (f.code() == base::name(code)) return {code, f.message(), static_cast<std::int64_t>(f.raw())};
    return {Code::token_failed, f.message(), static_cast<std::int64_t>(f.raw())};
}

base::Error hung_up() { return {Code::token_failed, "the UKEY's tokenhost ended or does not answer; is the UKEY still plugged in?"}; }

}  // namespace

base::Result<LoneUkey> LoneUkey::open(const std::string& path, const std::string& tokenhost) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return {Code::not_found, path + ": no UKEY is there; name the folder of a soft UKEY, or the .toml file of a reader"};
    const ReaderState at = look_at_reader(path);
    if (!at.problem.empty()) return {Code::malformed, at.problem};
    if (!at.present) return {Code::not_found, path + ": no UKEY is there; name the folder of a soft UKEY, or the .toml file of a reader"};
    LoneUkey out;
    KMP_CHECK(out.start(tokenhost, host_arguments(at.reader)));
    pb::HostRequest probe;
    probe.mutable_probe();
    KMP_TRY(const Answer seen, out.ask(std::move(probe)));
    const std::string& serial = seen.reply.probe().ukey();
    if (serial.empty()) return {Code::refused, path + ": there is no UKEY of a platform; name the folder of yours"};
    KMP_TRY(out.serial_, base::UkeySerial::parse(serial));
    if (at.reader.kind == ReaderKind::softhsm) {
        KMP_TRY(const UkeyFile file, read_ukey_file(at.reader.path));
        if (takes_pepper(file.kind)) return {Code::refused, path + ": " + model::one(file.kind) + " opens on its home platform only"};
        out.salt_ = base::to_bytes(file.salt);
    } else {
        const base::Digest d = base::sha256({base::as_bytes("kmp/v1/salt"), base::as_bytes(serial)});
        out.salt_.assign(d.begin(), d.begin() + 16);
    }
    return out;
}

LoneUkey::~LoneUkey() {
    socket_.reset();  // the host ends with it
    if (process_.id > 0) waitpid(process_.id, nullptr, 0);
}

base::Status LoneUkey::start(const std::string& tokenhost, std::vector<std::string> arguments) {
    std::string program = tokenhost;
    if (program.empty()) {
        KMP_TRY(program, beside_this_program());
    }
    if (access(program.c_str(), X_OK) != 0) return base::errno_error("cannot run " + program + " (--tokenhost names another)", errno);
    KMP_TRY(auto pair, base::socket_pair());
    arguments.insert(arguments.begin(), program);
    std::vector<char*> values;
    for (std::string& argument : arguments) values.push_back(argument.data());
    values.push_back(nullptr);
    const pid_t child = fork();
    if (child < 0) return base::errno_error("cannot start " + program, errno);
    if (child == 0) {
        if (pair.second.get() == kSocket) fcntl(kSocket, F_SETFD, 0);
        else dup2(pair.second.get(), kSocket);
        execv(values[0], values.data());
        _exit(127);
    }
    process_.id = child;
    socket_ = std::move(pair.first);
    return {};
}

base::Result<LoneUkey::Answer> LoneUkey::ask(pb::HostRequest request, std::vector<host::RoleSecret> secrets) {
    request.set_id(next_id_++);
    base::Bytes out;
    base::Status framed = host::append_frames(out, request, secrets);
    base::ByteView left(out);
    bool sent = framed.ok();
    while (sent && !left.empty()) {
        const ssize_t n = send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        sent = n > 0;
        if (sent) left = left.subspan(static_cast<std::size_t>(n));
    }
    base::wipe(out);
    KMP_CHECK(std::move(framed));
    if (!sent) return hung_up();
    for (;;) {
        KMP_TRY(auto message, reader_->next());
        if (message) {
            Answer answer;
            answer.secrets = std::move(message->secrets);
            if (!answer.reply.ParseFromArray(message->payload.data(), static_cast<int>(message->payload.size())) || answer.reply.id() != request.id()) return hung_up();
            if (answer.reply.has_failure()) return failure(answer.reply.failure());
            return answer;
        }
        pollfd entry{socket_.get(), POLLIN, 0};
        const int ready = poll(&entry, 1, kPatience);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return hung_up();
        const auto room = reader_->room();
        const ssize_t n = recv(socket_.get(), room.data(), room.size(), 0);
        if (n <= 0) return hung_up();
        reader_->received(static_cast<std::size_t>(n));
    }
}

base::Status LoneUkey::login(const base::Secret& pin) {
    KMP_TRY(const base::Secret stretched, stretch(pin, salt_));
    std::vector<host::RoleSecret> secrets;
    secrets.push_back({pb::USER_PIN, as_token_pin(stretched)});
    pb::HostRequest request;
    request.mutable_login();
    auto answer = ask(std::move(request), std::move(secrets));
    if (!answer && answer.error().code == Code::wrong_pin) return {Code::wrong_pin, "wrong PIN for UKEY " + serial_.text()};
    return answer ? base::Status() : base::Status(std::move(answer).error());
}

base::Result<base::Bytes> LoneUkey::transport_certificate() {
    pb::HostRequest request;
    request.mutable_read_certificates();
    KMP_TRY(const Answer answer, ask(std::move(request)));
    for (const pb::Certificate& certificate : answer.reply.certificates().certificates())
        if (certificate.name() == "transport") return base::to_bytes(base::as_bytes(certificate.der()));
    return {Code::key_missing, "UKEY " + serial_.text() + " has no transport key: its token cannot decrypt, so it opens no sealed exports"};
}

base::Result<base::Secret> LoneUkey::open_export_key(base::ByteView blob) {
    pb::HostRequest request;
    request.mutable_open_export_key()->set_blob(base::to_string(blob));
    KMP_TRY(Answer answer, ask(std::move(request)));
    return host::take_secret(answer.secrets, pb::EXPORT_KEY);
}

}  // namespace tokens::alone
