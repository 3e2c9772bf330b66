#pragma once
#include <string>

#include "base/fd.h"
#include "meter/card/card_state.h"

namespace meter::card {

/// Where a card keeps its state. `save` returns ok only when the state outlives being pulled out.
class CardStorage {
public:
    virtual ~CardStorage() = default;
    virtual base::Status save(const CardState& state) = 0;
};

/// A file, replaced as a whole: whenever the process dies, the old or the new state is there.
class CardFile final : public CardStorage {
public:
    /// Takes the file for this process: a card is in one reader at a time.
    /// errors: busy (it is in another reader); io_failed, denied, not_found (the folder)
    static base::Result<CardFile> claim(const std::string& path);
    base::Status save(const CardState& state) override;

private:
    CardFile(std::string path, base::Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    std::string path_;
    base::Fd lock_;
};

/// Makes a new card in a new file. errors: already_exists; those of claim and save
base::Status make_card(const std::string& path, const Serial& serial);
/// errors: not_found; tampered or unsupported (the message says what to do); io_failed, denied
base::Result<CardState> load_card(const std::string& path);

/// Passes states on, and ends this process in the middle of one, as pulling the card out does: a fault for tests of tearing.
class TornStorage final : public CardStorage {
public:
    /// At the `write`-th save (1 is the first) the kernel ends the process once `bytes` are written. When the record is no longer than
    /// that, the process ends after the save, before anything is answered. `write` 0: never. `storage` outlives this.
    TornStorage(CardStorage& storage, unsigned write, std::size_t bytes) noexcept : storage_(storage), left_(write), bytes_(bytes) {}
    base::Status save(const CardState& state) override;

private:
    CardStorage& storage_;
    unsigned left_;
    std::size_t bytes_;
};

}  // namespace meter::card
