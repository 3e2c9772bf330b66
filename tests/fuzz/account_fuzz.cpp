// Account::decode: whatever decodes is valid and canonical, and reads as one line.
#include <cstdlib>

#include "model/account.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView bytes(data, size);
    const auto account = model::Account::decode(bytes);
    if (!account) return 0;
    if (!account->validate() || base::as_text(account->encode()) != base::as_text(bytes)) std::abort();
    if (account->in_words().find('\n') != std::string::npos) std::abort();
    return 0;
}
