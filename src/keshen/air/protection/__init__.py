"""Who may play a channel: signed addresses, keys of encrypted channels, licences."""
