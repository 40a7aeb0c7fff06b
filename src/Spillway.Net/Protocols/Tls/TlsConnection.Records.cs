using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Tls;

/// <content>From bytes to records, and from records to handshake messages.</content>
public sealed partial class TlsConnection<THandler>
{
    private const int MessageHeaderBytes = 4;

    // The second answers a HelloRetryRequest, or is one's successor.
    private const int HellosInTheClear = 2;
    private const ushort Tls13 = 0x0304;

    private void ReadRecords(TlsStream stream, StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (_session.IsReversed)
            direction = direction == StreamDirection.ClientToServer ? StreamDirection.ServerToClient : StreamDirection.ClientToServer;
        if (stream.Record.Length > 0 && !CompleteRecord(stream, direction, ref data))
            return;
        while (data.Length >= TlsRecord.HeaderBytes && stream.State == TlsStreamState.Records)
        {
            if (!CheckHeader(stream, data))
                return;
            int length = TlsRecord.HeaderBytes + TlsRecord.ContentLength(data);
            if (data.Length < length)
                break;
            TakeRecord(stream, direction, data[..length]);
            data = data[length..];
        }

        if (!data.IsEmpty && stream.State == TlsStreamState.Records)
            Hold(stream, data);
    }

    // Goes on with a record that came in pieces; false if it still is not complete, or the stream is asleep.
    private bool CompleteRecord(TlsStream stream, StreamDirection direction, ref ReadOnlySpan<byte> data)
    {
        if (stream.Record.Length < TlsRecord.HeaderBytes)
        {
            if (!Fill(stream, ref data, TlsRecord.HeaderBytes))
                return false;
            if (!CheckHeader(stream, stream.Record.Bytes))
                return false;
        }

        if (!Fill(stream, ref data, TlsRecord.HeaderBytes + TlsRecord.ContentLength(stream.Record.Bytes)))
            return false;
        TakeRecord(stream, direction, stream.Record.Bytes);
        stream.Record.Clear();
        return stream.State == TlsStreamState.Records;
    }

    private bool Fill(TlsStream stream, ref ReadOnlySpan<byte> data, int length)
    {
        int taken = Math.Min(data.Length, length - stream.Record.Length);
        if (taken > 0)
        {
            Hold(stream, data[..taken]);
            data = data[taken..];
        }

        return stream.State == TlsStreamState.Records && stream.Record.Length >= length;
    }

    private bool CheckHeader(TlsStream stream, ReadOnlySpan<byte> header)
    {
        bool isHeader = TlsRecord.IsHeader(header);
        if (isHeader && header[0] != (byte)TlsContentType.ApplicationData)
            return true;
        if (!isHeader)
            _statistics.BadRecords++;
        Sleep(stream);
        return false;
    }

    private void TakeRecord(TlsStream stream, StreamDirection direction, ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<byte> content = record[TlsRecord.HeaderBytes..];
        var type = (TlsContentType)record[0];

        // Behind ChangeCipherSpec stands one thing in the clear: the second hello of either side in TLS 1.3, after a HelloRetryRequest.
        if (
            stream.CipherChanged
            && !(type == TlsContentType.Handshake && stream.Message.Length == 0 && BeginsHello(content))
            && type != TlsContentType.ChangeCipherSpec
        )
        {
            Sleep(stream);
            return;
        }

        _statistics.Records++;
        _handler.OnRecord(_session, direction, record);
        switch (type)
        {
            case TlsContentType.Handshake:
                ReadMessages(stream, direction, content);
                break;
            case TlsContentType.ChangeCipherSpec when _session.Version is > 0 and < Tls13:
                Sleep(stream);
                break;
            case TlsContentType.ChangeCipherSpec:
                stream.CipherChanged = true;
                break;
            case TlsContentType.Alert when content.Length == 2:
                _statistics.Alerts++;
                _handler.OnAlert(_session, direction, content[0], content[1]);
                break;
        }
    }

    private bool BeginsHello(ReadOnlySpan<byte> content) =>
        content.Length >= MessageHeaderBytes
        && (TlsHandshakeType)content[0] is TlsHandshakeType.ClientHello or TlsHandshakeType.ServerHello
        && LengthOf(content) <= _observer.Limits.MaxHandshakeBytes;

    private void ReadMessages(TlsStream stream, StreamDirection direction, ReadOnlySpan<byte> content)
    {
        stream.HandshakeBytes += content.Length;
        if (IsTooLong(stream, stream.HandshakeBytes))
            return;
        while (!content.IsEmpty && stream.State == TlsStreamState.Records)
        {
            if (stream.Message.Length == 0 && content.Length >= MessageHeaderBytes && content.Length >= LengthOf(content))
            {
                int length = LengthOf(content);
                TakeMessage(stream, direction, content[..length]);
                content = content[length..];
                continue;
            }

            int held = stream.Message.Length;
            int needed = held < MessageHeaderBytes ? MessageHeaderBytes : LengthOf(stream.Message.Bytes);
            if (IsTooLong(stream, needed))
                return;
            int taken = Math.Min(content.Length, needed - held);
            if (!stream.Message.TryAppend(content[..taken], _observer.Budget))
            {
                _statistics.OverMemory++;
                Sleep(stream);
                return;
            }

            content = content[taken..];
            if (stream.Message.Length < MessageHeaderBytes || stream.Message.Length < LengthOf(stream.Message.Bytes))
                continue;
            TakeMessage(stream, direction, stream.Message.Bytes);
            stream.Message.Clear();
        }
    }

    private bool IsTooLong(TlsStream stream, long bytes)
    {
        if (bytes <= _observer.Limits.MaxHandshakeBytes)
            return false;
        _statistics.HandshakesTooLong++;
        Sleep(stream);
        return true;
    }

    // With its header.
    private static int LengthOf(ReadOnlySpan<byte> message) => MessageHeaderBytes + ((message[1] << 16) | (message[2] << 8) | message[3]);

    private void TakeMessage(TlsStream stream, StreamDirection direction, ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> body = message[MessageHeaderBytes..];
        bool isHello = (TlsHandshakeType)message[0] is TlsHandshakeType.ClientHello or TlsHandshakeType.ServerHello;
        if (isHello && ++stream.Hellos > HellosInTheClear)
        {
            _statistics.BadMessages++;
            Sleep(stream);
            return;
        }

        switch ((TlsHandshakeType)message[0])
        {
            case TlsHandshakeType.ClientHello:
                TlsClientHello client = TlsClientHello.Parse(body);
                _statistics.ClientHellos++;
                if (client.IsMalformed)
                    _statistics.BadMessages++;
                _handler.OnClientHello(_session, in client);
                break;
            case TlsHandshakeType.ServerHello:
                TlsServerHello server = TlsServerHello.Parse(body);
                _statistics.ServerHellos++;
                if (server.IsMalformed)
                    _statistics.BadMessages++;
                _session.Version = server.Version;
                _session.CipherSuite = server.CipherSuite;
                _handler.OnServerHello(_session, in server);
                break;
            case TlsHandshakeType.Certificate:
                TlsCertificateChain chain = TlsCertificateChain.Parse(body, _observer.Limits.MaxCertificates);
                _statistics.CertificateChains++;
                _statistics.CertificatesLeftOut += chain.LeftOut;
                if (chain.IsMalformed)
                    _statistics.BadMessages++;
                _handler.OnCertificates(_session, direction, in chain);
                break;
        }
    }
}
