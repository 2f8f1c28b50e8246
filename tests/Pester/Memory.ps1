# A session of its own that uses every cmdlet with secrets, so that its memory can be searched for them. Nothing is collected in it: what was
# not zeroed is still there.

# Starts it: it imports the module and runs a script, which gets its arguments by name. Secrets reach it masked, so that no copy but the
# module's own is made: in the script, (Unmask $text) makes a SecureString of what Get-Masked made. Stop-Session takes what is returned.
function Start-Session([string] $Script, [hashtable] $Arguments) {
    $file = Join-Path $TestDrive "$([guid]::NewGuid()).ps1"
    Set-Content $file @"
param([string] `$Json)
function Unmask([int[]] `$Masked) {
    `$secure = [securestring]::new()
    `$Masked | ForEach-Object { `$secure.AppendChar([char] (`$_ -bxor 77)) }
    `$secure
}
Import-Module '$(Join-Path (Find-Module) K3sToken.psd1)'
`$a = ConvertFrom-Json (Get-Content `$Json -Raw) -AsHashtable
$Script
[Console]::Out.WriteLine('done')
`$null = [Console]::In.ReadLine()
"@
    ConvertTo-Json $Arguments -Depth 5 | Set-Content "$file.json"
    $start = [Diagnostics.ProcessStartInfo]::new((Get-Process -Id $PID).Path)
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    $start.Environment['DOTNET_GCgen0size'] = '0x20000000'
    $start.Environment['DOTNET_GCLOHThreshold'] = '0x4000000' # large arrays have a budget of their own, which ends sooner
    $start.Environment['NO_COLOR'] = '1'
    '-NoProfile', '-NonInteractive', '-File', $file, "$file.json" | ForEach-Object { $start.ArgumentList.Add($_) }
    $process = [Diagnostics.Process]::Start($start)
    $said = do { $line = $process.StandardOutput.ReadLine(); $line } until ($null -eq $line -or $line -eq 'done')
    [pscustomobject]@{ Process = $process; Said = @($said | Where-Object { $_ -and $_ -ne 'done' }) }
}

function Stop-Session($Session) {
    $Session.Process.Kill()
    $Session.Process.WaitForExit()
}

# A text as Unmask takes it.
function Get-Masked([string] $Text) {
    , @([int[]][char[]] $Text | ForEach-Object { $_ -bxor 77 })
}

# How often each text is in the memory of a process that can be written to, as bytes or as characters.
function Find-InMemory([Diagnostics.Process] $Process, [string[]] $Texts) {
    $needles = foreach ($text in $Texts) {
        @{ Text = $text; As = 'bytes'; Needle = $text }
        @{ Text = $text; As = 'characters'; Needle = -join ($text.ToCharArray() | ForEach-Object { "$_`0" }) }
    }
    $memory = [IO.FileStream]::new("/proc/$($Process.Id)/mem", 'Open', 'Read', 'ReadWrite', 0)
    $buffer = [byte[]]::new(4MB)
    try {
        foreach ($line in [IO.File]::ReadAllLines("/proc/$($Process.Id)/maps")) {
            if ($line -notmatch '^(\w+)-(\w+) rw' -or $line -match '\[v') {
                continue
            }

            $at = [Convert]::ToInt64($Matches[1], 16)
            $end = [Convert]::ToInt64($Matches[2], 16)
            while ($at -lt $end) {
                $memory.Position = $at
                try { $count = $memory.Read($buffer, 0, [Math]::Min($buffer.Length, $end - $at)) } catch { break }
                if ($count -eq 0) { break }
                $content = [Text.Encoding]::Latin1.GetString($buffer, 0, $count)
                foreach ($needle in $needles) {
                    for ($i = 0; ($i = $content.IndexOf($needle.Needle, $i, [StringComparison]::Ordinal)) -ge 0; $i++) {
                        $around = $content.Substring([Math]::Max(0, $i - 24), [Math]::Min(72, $count - [Math]::Max(0, $i - 24)))
                        [pscustomobject]@{ Text = $needle.Text; As = $needle.As; At = $line; Around = $around -replace '[^\x20-\x7e]', '.' }
                    }
                }

                # What lies across the end of the buffer is found with the next.
                $at += if ($at + $count -lt $end) { $count - 256 } else { $count }
            }
        }
    }
    finally {
        $memory.Dispose()
    }
}
