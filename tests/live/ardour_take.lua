-- Ardour without a window: a session with one MIDI track that records FROM, until the file UNTIL is there.
-- Run by ardour7-lua; FOLDER, FROM and UNTIL are put in by the test.

assert (AudioEngine:set_backend ("JACK", "ardour", ""))
local session = assert (create_session ("FOLDER", "take", 48000))
local midi = ARDOUR.ChanCount (ARDOUR.DataType ("midi"), 1)
local tracks = session:new_midi_track (midi, midi, true, ARDOUR.PluginInfo (), nil, nil, 1, "band",
	ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
for track in tracks:iter () do
	assert (track:input ():midi (0):connect ("FROM") == 0, "FROM is not there")
	track:rec_enable_control ():set_value (1, PBD.GroupControlDisposition.NoGroup)
end
session:maybe_enable_record (false)
ARDOUR.LuaAPI.usleep (500000)
session:request_roll (ARDOUR.TransportRequestSource.TRS_UI)
while not session:actively_recording () do ARDOUR.LuaAPI.usleep (50000) end
print ("records")
io.stdout:flush ()

local ended = nil
while not ended do
	ARDOUR.LuaAPI.usleep (100000)
	ended = io.open ("UNTIL", "r")
end
session:request_stop (false, false, ARDOUR.TransportRequestSource.TRS_UI)
while session:transport_rolling () do ARDOUR.LuaAPI.usleep (50000) end
ARDOUR.LuaAPI.usleep (500000)
session:save_state ("")
close_session ()
quit ()
