using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Suture.Server.Tests")]
