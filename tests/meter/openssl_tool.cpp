#include "openssl_tool.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>

namespace openssl_tool {
namespace {

/// Runs `openssl ARGUMENTS` with `input` on its standard input.
base::Bytes run(const std::string& arguments, base::ByteView input) {
    std::string command = "printf '";
    char octal[8];
    for (const std::uint8_t byte : input) {
        std::snprintf(octal, sizeof octal, "\\%03o", byte);
        command += octal;
    }
    command += "' | openssl " + arguments;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    base::Bytes out(4096);
    out.resize(pipe ? std::fread(out.data(), 1, out.size(), pipe.get()) : 0);
    if (out.empty()) {
        std::cerr << "the openssl command gave nothing: " << command << std::endl;
        std::abort();
    }
    return out;
}

}  // namespace

base::Bytes hex(std::string_view text) { return base::from_hex(text).value(); }

base::Bytes cat(std::initializer_list<base::ByteView> parts) {
    base::Bytes out;
    for (const auto part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

base::Bytes sha256(base::ByteView message) { return run("dgst -sha256 -binary", message); }

base::Bytes cmac(base::ByteView key, base::ByteView message) {
    const base::Bytes text = run("mac -cipher AES-128-CBC -macopt hexkey:" + base::to_hex(key) + " -in - CMAC", message);
    return hex(base::as_text(text).substr(0, 32));
}

base::Bytes wrap(base::ByteView key, base::ByteView new_key) {
    return run("enc -id-aes128-wrap -K " + base::to_hex(key) + " -iv A6A6A6A6A6A6A6A6", new_key);
}

base::Bytes cbc(base::ByteView key, base::ByteView plaintext) {
    return run("enc -aes-128-cbc -nopad -K " + base::to_hex(key) + " -iv 00000000000000000000000000000000", plaintext);
}

base::Bytes mac(base::ByteView key, std::uint8_t direction, std::string_view command, std::uint8_t part, base::ByteView freshness,
                base::ByteView fields, std::size_t size) {
    const base::Bytes head{0x01, direction};
    const base::Bytes middle{part, static_cast<std::uint8_t>(freshness.size() + fields.size())};
    base::Bytes out = cmac(key, cat({head, hex(command), middle, freshness, fields}));
    out.resize(size);
    return out;
}

base::Bytes encrypted_command(base::ByteView key, base::ByteView r2, base::ByteView data) {
    base::Bytes plain = cat({r2, base::Bytes{static_cast<std::uint8_t>(data.size() >> 8), static_cast<std::uint8_t>(data.size())}, data});
    plain.resize((plain.size() + 15) / 16 * 16);
    return cbc(key, plain);
}

}  // namespace openssl_tool
