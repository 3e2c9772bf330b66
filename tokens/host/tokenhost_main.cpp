// kmp-tokenhost: one process for one UKEY. It serves the socket on file descriptor 3 and ends when that closes.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glob.h>

#include <algorithm>
#include <cstdio>

#include "tokens/host/serve.h"

namespace {

using tokens::host::Source;

constexpr int kSocket = 3;
constexpr const char* kUsage = "usage: kmp-tokenhost --kind softhsm --path DIR [--module PATH] | --kind pkcs11 --module PATH [--path DIR] [--parameters TEXT] [--token-serial S] [--factory-so-pin PIN]\n";

std::string default_softhsm() {
    for (const char* pattern : {"/usr/lib/*/softhsm/libsofthsm2.so", "/usr/lib/softhsm/libsofthsm2.so"}) {
        glob_t found{};
        std::string path;
        if (glob(pattern, 0, nullptr, &found) == 0 && found.gl_pathc > 0) path = found.gl_pathv[0];
        globfree(&found);
        if (!path.empty()) return path;
    }
    return "/usr/lib/softhsm/libsofthsm2.so";
}

/// A module that takes memory without end shall run into a wall of its own, not take the machine's. Sanitizers need more than any.
void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    constexpr rlim_t kMost = rlim_t{1} << 30;  // a busy host takes some 60 MB
    rlimit limit{};
    if (getrlimit(RLIMIT_DATA, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max = std::min(kMost, limit.rlim_max);
    (void)setrlimit(RLIMIT_DATA, &limit);
#endif
}

base::Result<Source> parse(int count, char** values) {
    Source out;
    std::string kind;
    for (int i = 1; i < count; i += 2) {
        const std::string_view option = values[i];
        std::string* field = option == "--kind" ? &kind : option == "--path" ? &out.folder : option == "--module" ? &out.module : option == "--token-serial" ? &out.serial :
                             option == "--parameters" ? &out.parameters : option == "--factory-so-pin" ? &out.factory_so_pin : nullptr;
        if (field == nullptr || i + 1 >= count || !field->empty()) return {base::Code::invalid_argument, "wrong usage near " + std::string(option)};
        *field = values[i + 1];
    }
    if (kind == "softhsm" && !out.folder.empty() && out.serial.empty() && out.parameters.empty() && out.factory_so_pin.empty()) {
        if (out.module.empty()) out.module = default_softhsm();
        return out;
    }
    if (kind == "pkcs11" && !out.module.empty()) {
        out.kind = Source::Kind::pkcs11;
        return out;
    }
    return {base::Code::invalid_argument, "one kind with its place is wanted"};
}

/// A SoftHSM2 token whose file is cut while it is being written is lost, and a login alone writes it. So SIGTERM, which comes when kmpd ends
/// or dies, kills nothing: the host ends by itself at the end of its socket, after what it is doing. A module that hangs has so long.
constexpr unsigned kLastWork = 10;  // seconds

void finish_what_was_begun() {
    struct sigaction action {};
    action.sa_handler = [](int) { alarm(kLastWork); };
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    finish_what_was_begun();
    limit_memory();
    const auto source = parse(argc, argv);
    if (!source) {
        std::fprintf(stderr, "kmp-tokenhost: %s\n%s", source.error().message.c_str(), kUsage);
        return 2;
    }
    struct stat status {};
    if (fstat(kSocket, &status) != 0 || !S_ISSOCK(status.st_mode)) {
        std::fprintf(stderr, "kmp-tokenhost: file descriptor 3 is not a socket; it is started by kmpd\n");
        return 2;
    }
    base::Status served;
    {
        tokens::host::Host host(*source);  // finalises the module before main returns
        served = tokens::host::serve(host, kSocket);
    }
    if (!served) std::fprintf(stderr, "kmp-tokenhost: %s\n", served.error().message.c_str());
    return served ? 0 : 1;
}
