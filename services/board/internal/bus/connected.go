package bus

// Connected tells whether events can come at all now.
func (b *Bus) Connected() bool { return b.nc.IsConnected() }
