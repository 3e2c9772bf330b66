// kmp-direct: what the disk, the scheduler and SoftHSM2 give when nothing stands before them. One JSON object.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bench/direct.h"

namespace {

base::Result<nlohmann::json> run(const std::string& folder, const std::string& module, double seconds) {
    nlohmann::json out;
    KMP_TRY(const bench::Pace sync, bench::measure_fdatasync(folder, seconds));
    KMP_TRY(const bench::Pace echo, bench::measure_socket_echo(seconds));
    out["fdatasync"] = {{"rate", sync.rate}, {"p50_us", sync.p50_us}};
    out["socket_echo"] = {{"rate", echo.rate}, {"p50_us", echo.p50_us}};
    for (const unsigned processes : {1u, 2u}) {
        KMP_TRY(const bench::TokenRates rates, bench::measure_token_in(processes, folder + "/" + std::to_string(processes), module, seconds));
        out["token_" + std::to_string(processes)] = {{"cmac_token_key", rates.cmac_token_key}, {"cmac_session_key", rates.cmac_session_key}, {"derive_cmac", rates.derive_cmac}};
    }
    constexpr unsigned kTimes = 5;
    KMP_TRY(const bench::KeyTimes keys, bench::measure_keys(folder + "/keys", module, kTimes));
    out["user_keys"] = {{"initialise_ms", keys.initialise_ms}, {"rsa_ms", keys.rsa_ms}, {"others_ms", keys.others_ms}, {"all_ms", keys.all_ms}};
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    std::string folder;
    std::string module = "/usr/lib/softhsm/libsofthsm2.so";
    double seconds = 1;
    CLI::App app("What the disk, the scheduler and SoftHSM2 give when nothing stands before them. Prints one JSON object.");
    app.add_option("--folder", folder, "An empty folder on the disk to measure; tokens are made there")->required()->check(CLI::ExistingDirectory);
    app.add_option("--module", module, "SoftHSM2's library");
    app.add_option("--seconds", seconds, "For each figure [1]")->check(CLI::Range(0.1, 600.0));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    const auto out = run(folder, module, seconds);
    if (!out) {
        std::fprintf(stderr, "kmp-direct: %s\n", out.error().message.c_str());
        return 1;
    }
    std::printf("%s\n", out->dump().c_str());
    return 0;
}
