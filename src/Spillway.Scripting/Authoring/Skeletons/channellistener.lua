-- Listens to messages in the old form, T.host:broadcast(message id, class id, text). New scripts take onmessage.
TrisulPlugin = {
  id = { name = "My listener", description = "Prints what others broadcast", clsid = "{NEW-GUID-1}" },

  channellistener = {
    onchannelmessage = function(id, message)
      print(id, message:tostring())
    end,
  },
}
